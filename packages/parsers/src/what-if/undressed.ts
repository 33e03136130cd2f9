/** The command itself: what only says how, where or by whom it is run is taken off. */
import { type Bench, refuseShape, report, type Site } from './bench.js';
import type { ShellWord } from './shell/syntax.js';

/** What is left of the words, and where they run. */
export interface Rest {
  readonly site: Site;
  readonly words: readonly ShellWord[];
}

/** Takes off `sudo`, `timeout 5`, `LC_ALL=C`, `ip netns exec NAME` and `ip -n NAME`, as often as they stand there. */
export function undressed(bench: Bench, rest: Rest): Rest | null {
  const { site, words } = rest;
  const [first] = words;
  if (first !== undefined && /^[A-Za-z_]\w*\+?=/.test(first.text)) {
    // The language of messages changes nothing else.
    if (words.length > 1 && /^(?:LC_[A-Z]+|LANG|LANGUAGE)=/.test(first.text))
      return undressed(bench, { site, words: words.slice(1) });
    report(bench, 'variable', first, { text: first.text });
    return null;
  }
  const name = words[0]?.text.replace(/^.*\//, '');
  const texts = words.map((word) => word.text);
  const past = pastWrapper(name ?? '', texts);
  if (past !== null) return undressed(bench, { site, words: words.slice(past) });
  if (name === 'ip' && /^net(n|ns)?$/.test(texts[1] ?? '') && /^e(x|xe|xec)?$/.test(texts[2] ?? '')) {
    if (words.length < 5)
      return refuseShape(bench, words.at(-1) ?? { start: 0, end: 0 }, 'ip netns exec without a command');
    return undressed(bench, { site: { ...site, netns: texts[3] ?? '' }, words: words.slice(4) });
  }
  const at = name === 'ip' || name === 'bridge' ? texts.findIndex((text) => /^-(?:n|netns)$/.test(text)) : -1;
  // Only before the object: `-n` elsewhere means something else.
  if (at > 0 && texts.slice(1, at).every((text) => text.startsWith('-')))
    return undressed(bench, {
      site: { ...site, netns: texts[at + 1] ?? '' },
      words: [...words.slice(0, at), ...words.slice(at + 2)],
    });
  return rest;
}

/** Index of the command that a program runs as it is; null: it is no such program. */
function pastWrapper(name: string, texts: readonly string[]): number | null {
  switch (name) {
    case 'sudo':
      return pastOptions(texts, sudoValues);
    case 'timeout':
      return pastOptions(texts, timeoutValues) + 1;
    case 'nice':
      return pastOptions(texts, niceValues);
    case 'env':
    case 'nohup':
    case 'time':
      return texts[1]?.startsWith('-') === true ? null : 1;
    case 'command':
      return /^-[vV]/.test(texts[1] ?? '') ? null : 1;
    default:
      return null;
  }
}

const timeoutValues = new Set(['-k', '-s', '--kill-after', '--signal']);
const niceValues = new Set(['-n', '--adjustment']);
const sudoValues = new Set(['-u', '-g', '-h', '-p', '-C', '-T']);

/** Index of the first word after the name that is neither an option nor its value. */
export function pastOptions(texts: readonly string[], valued: ReadonlySet<string>): number {
  let at = 1;
  while (at < texts.length && texts[at]?.startsWith('-')) at += valued.has(texts[at] ?? '') ? 2 : 1;
  return at;
}
