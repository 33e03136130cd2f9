/** Lines that scripts print between outputs: `*** Output of ip route ***`, `===== ip a =====`, `==> FILE <==`, `+ cmd`, the command itself. */
import { isCommandLine } from '../transcript/command-line.js';

export interface Banner {
  /** The command that follows, where the banner names one. */
  readonly command: string | null;
  /** The file that follows. */
  readonly path: string | null;
}

const edge = '=*#<>~_|:+-';
const introduction =
  /^(?:\w{1,12} )?(?:output of|running|command|cmd|executing|exec|execute|output for|result of|outputs? from)\b:? +(.*)$/i;

/** `bare` says whether a command alone on its line counts: not where the output above claims it. */
export function readBanner(line: string, bare: boolean): Banner | null {
  if (line.length < 2 || line.length > 400) return null;
  const file = /^==> (\S.{0,250}) <==$/.exec(line);
  if (file !== null) return { command: null, path: file[1] ?? null };
  const { text, leading, trailing } = withoutEdges(line);
  if (text === '') return null;
  const introduced = introduction.exec(text)?.[1]?.replace(/^["'`]|["'`]:?$/g, '');
  if (introduced !== undefined && isCommandLine(introduced, 'loose')) return { command: introduced, path: null };
  const command = text.replace(/^["'`[(]|["'`\])]$|:$/g, '').replace(/^\$ /, '');
  if (isCommandLine(command, leading > 0 ? 'marked' : 'bare')) {
    return leading > 0 || bare ? { command, path: null } : null;
  }
  return leading >= 3 && trailing >= 3 && leading + trailing >= 6 ? { command: null, path: pathIn(text) } : null;
}

function pathIn(text: string): string | null {
  return /^\/\S{1,250}$/.test(text) ? text : null;
}

function withoutEdges(line: string): { readonly text: string; readonly leading: number; readonly trailing: number } {
  let start = 0;
  let end = line.length;
  let leading = 0;
  let trailing = 0;
  for (; start < end; start++) {
    const unit = line[start] ?? '';
    if (edge.includes(unit)) leading++;
    else if (unit !== ' ' && unit !== '\t') break;
  }
  for (; end > start; end--) {
    const unit = line[end - 1] ?? '';
    if (edge.includes(unit)) trailing++;
    else if (unit !== ' ' && unit !== '\t') break;
  }
  return { text: line.slice(start, end), leading, trailing };
}
