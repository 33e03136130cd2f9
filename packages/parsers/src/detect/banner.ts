/** Lines that scripts print between outputs: `*** Output of ip route ***`, `===== ip a =====`, `==> FILE <==`, `+ cmd`, the command itself. */
import { isCommandLine } from '../transcript/command-line.js';

export interface Banner {
  /** The command that follows, where the banner names one. */
  readonly command: string | null;
  /** The file that follows. */
  readonly path: string | null;
  /** The machine that the outputs below come from. */
  readonly node: string | null;
}

const plain: Banner = { command: null, path: null, node: null };
/** `Node: worker-2`, `host srv7`, or a name that only machines have. */
const machine =
  /^(?:(?:on |auf )?(?:node|host|server|machine|hostname|knoten|主机|节点|узел|хост)(?: name)?[:： ] ?)([A-Za-z0-9][\w.-]{0,120})$|^((?:node|knoten|master|worker|control-plane|k8s|kube|server|srv|host|vm|ip)[\w.-]{0,60}\d[\w.-]{0,20})$/i;

/** The first line of prompts that have two: `┌──(root㉿node-1)-[~]`, `╭─root@node-1 ~`, `root in 🌐 node-1 in ~`. */
const prompted =
  /^[┌╭]─{1,3}[([]?[a-z_][\w-]{0,30}[@㉿]([A-Za-z0-9][\w.-]{0,120})(?=[)\] :])[^\n]*$|^[a-z_][\w-]{0,30} (?:in|at) (?:🌐 )?([A-Za-z0-9][\w.-]{0,120}) in [~/]\S*\s*$/u;

const edge = '=*#<>~_|:+-';
const introduction =
  /^(?:\w{1,12} )?(?:output of|running|command|cmd|executing|exec|execute|output for|result of|outputs? from)\b:? +(.*)$/i;

/** `bare` says whether a command alone on its line counts: not where the output above claims it. */
export function readBanner(line: string, bare: boolean): Banner | null {
  // PEM's own boundaries (RFC 7468) look like a heading, XML's `<ipset name="a">` like a command in marks.
  if (line.length < 2 || line.length > 400 || /^(?:-----(?:BEGIN|END) |<\/?[\w.-]+(?: [\w-]+="[^"]*")*>)/.test(line))
    return null;
  const framed = prompted.exec(line);
  if (framed !== null) return { ...plain, node: framed[1] ?? framed[2] ?? null };
  const file = /^==> (\S.{0,250}) <==$/.exec(line);
  if (file !== null) return { ...plain, path: file[1] ?? null };
  const { text, leading, trailing } = withoutEdges(line);
  if (text === '') return null;
  const introduced = introduction.exec(text)?.[1]?.replace(/^["'`]|["'`]:?$/g, '');
  if (introduced !== undefined && isCommandLine(introduced, 'loose')) return { ...plain, command: introduced };
  const command = text.replace(/^["'`[(]|["'`\])]$|:$/g, '').replace(/^\$ /, '');
  if (isCommandLine(command, leading > 0 ? 'marked' : 'bare')) {
    return leading > 0 || bare ? { ...plain, command } : null;
  }
  const decorated = leading >= 3 && (trailing >= 3 || (trailing === 0 && line.startsWith('#')));
  const named = leading >= 2 ? machine.exec(text.replace(/:$/, '')) : null;
  if (named !== null && decorated) return { ...plain, node: named[1] ?? named[2] ?? null };
  return leading >= 3 && trailing >= 3 ? { ...plain, path: pathIn(text) } : null;
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
