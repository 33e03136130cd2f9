/** The command that ansible(1), pssh(1), pdsh(1), clush(1) or salt(1) is to run on many machines. */
import { options, quoted, type Rest } from './wrapper-words.js';

/** Modules of ansible that run a command. */
const running = /^(?:ansible\.builtin\.)?(?:shell|command|raw)$/;

export function readFleet(words: readonly string[]): Rest | null {
  const [first = ''] = words;
  const tool = first.slice(first.lastIndexOf('/') + 1);
  if (tool === 'ansible') {
    const module = words[words.findIndex((word) => word === '-m' || word === '--module-name') + 1];
    const isRun = !words.includes('-m') || (module !== undefined && running.test(module));
    return isRun
      ? behind(
          words,
          words.findIndex((word) => /^(?:-[bBko]*a|--args)$/.test(word)),
        )
      : null;
  }
  if (tool === 'salt') return behind(words, words.indexOf('cmd.run'));
  const valued =
    tool === 'pdsh' ? /^-[wxgXlutfR]$/ : tool === 'clush' ? /^-[a-zA-Z]*[wgxXlutfo]$/ : /^-[a-zA-Z]*[hHlpoetxXO]$/;
  return behind(words, options(words, 1, valued) - 1);
}

/** The command behind this word, in quotes or not. */
function behind(words: readonly string[], at: number): Rest | null {
  const next = words[at + 1];
  if (at < 0 || next === undefined) return null;
  const place = { many: true } as const;
  return /^["']/.test(next) ? { ...quoted(words, at + 1), place } : { skip: at + 1, place };
}
