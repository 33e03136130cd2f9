/** Shell prompts: the defaults of bash, dash, busybox, zsh and PowerShell on the distributions that run nodes, and of common themes. */

export interface Prompt {
  /** Offset in the line where the command begins. */
  readonly end: number;
  /** Host that the prompt names; null when it names none. */
  readonly host: string | null;
  /** `strong`: nothing else looks like it. `weak`: a prompt only when a command follows. */
  readonly strength: 'strong' | 'weak';
}

const userHost = '[A-Za-z_][\\w.-]{0,40}@([A-Za-z0-9][\\w.-]{0,120})';
const stamp = '(?:\\[?\\d[\\d:.T /-]{4,25}\\]? )?';
const venv = '(?:\\([\\w.-]{1,40}\\) )?';

/** `[root@node-1 ~]#`, `root@node-1:~#`, `user@host:/etc/kubernetes$`, `user@host ~ %`, `user@host /path $`. */
const strong: readonly RegExp[] = [
  new RegExp(`^${stamp}${venv}\\[${userHost}(?:[ :][^\\]\\n]{0,200})?\\] ?[#$%>] ?`),
  new RegExp(
    `^${stamp}${venv}${userHost}:(?:[~/][^#$%>\\s]{0,200}(?: \\([^)\\n]{1,60}\\))?[#$%>] ?|[\\w.-]{0,80}[#$%>](?: |$))`,
  ),
  new RegExp(`^${stamp}${venv}${userHost} (?:[~/][\\w.~/-]{0,200} ?[#$%>]|[\\w.-]{1,80} ?%)(?: |$)`),
  new RegExp(`^${venv}([A-Za-z0-9][\\w.-]{0,120}):~[\\w.~/-]{0,200} ?[#$%](?: |$)`),
  /^-?(?:ba|da|k|z)?sh-\d\.\d[\w.]{0,8}[#$] ?/,
  /^(?:~|\/|\/[\w.-]{1,60}(?:\/[\w.-]{1,60}){0,8}) [#$❯] ?(?=\S|$)/,
  /^PS (?:[A-Z]:\\|\/|~)[^>\n]{0,200}> ?/,
  /^[A-Z]:\\[^>\n]{0,200}>/,
  /^➜ {1,2}\S{1,100}(?: git:\([^)\n]{1,80}\))?(?: ✗)? /,
];

/** Groups of `strong` that hold a host. */
const named = 4;

/** `node1# `, `node1 # `, `node1:/etc # `, `node1 ~ # `: a host, when a command follows. */
const hostOnly =
  /^([A-Za-z][\w.-]{0,120})(?::\/[\w./-]{0,200} ?| (?:(?:~|\/[\w./-]{0,200}|[\w.-]{1,40}) )?)?(?:[#$>]| ❯) ?(?=\S)/;
/** Segments that end in arrows of Powerline's fonts; a right-hand part begins with one that points left. */
const powerline =
  /^[^\n\ue0b2\ue0b6]{0,200}[\ue0b0\ue0b1\ue0b4\ue0b8\ue0bc\ue0c0][\ue0b0-\ue0d4]{0,3} {0,2}(?=[^\s\ue0b0-\ue0d4]|$)/;
const bare = /^(?:[#$%]|[└╰]─{1,3}[#$%>❯]|❯|λ|\$>|>>>|#>|>) ?(?=\S)|^➜ +/;

/** The prompt at the beginning of a line. A weak one is for the caller to confirm by what follows. */
export function readPrompt(line: string): Prompt | null {
  if (!mayBePrompt(line)) return null;
  const head = narrow(line.length > 600 ? line.slice(0, 600) : line);
  const arrows = powerline.exec(head)?.[0];
  if (arrows !== undefined) {
    const host = new RegExp(`(?<![\\w.-])${userHost}(?![\\w.-])`).exec(arrows)?.[1];
    return { end: arrows.length, host: hostOf(host), strength: 'strong' };
  }
  for (const [at, pattern] of strong.entries()) {
    const found = pattern.exec(head);
    if (found === null) continue;
    return { end: found[0].length, host: at < named ? hostOf(found[1]) : null, strength: 'strong' };
  }
  const host = hostOnly.exec(head);
  if (host !== null) return { end: host[0].length, host: hostOf(host[1]), strength: 'weak' };
  const plain = bare.exec(head);
  return plain === null ? null : { end: plain[0].length, host: null, strength: 'weak' };
}

const wide: Readonly<Record<string, string>> = {
  '＃': '#',
  '＄': '$',
  '％': '%',
  '＞': '>',
  '～': '~',
  '＠': '@',
  '：': ':',
};

/** With the marks of East Asian keyboards as the shell prints them; offsets stay. */
function narrow(line: string): string {
  return /[＃＄％＞～＠：]/.test(line) ? line.replace(/[＃＄％＞～＠：]/g, (mark) => wide[mark] ?? mark) : line;
}

/** Every prompt has one of these characters near its beginning; most lines of dumps have none. */
function mayBePrompt(line: string): boolean {
  return /[#$%>➜❯λ＃＄％＞\ue0b0-\ue0d4]/.test(line.length > 400 ? line.slice(0, 400) : line);
}

/** `localhost` is what machines without a name of their own are called. */
function hostOf(name: string | undefined): string | null {
  return name === undefined || /^localhost(?:\.|$)/.test(name) ? null : name;
}

const glued = new RegExp(`\\[${userHost} [^\\]\\n]{1,200}\\][#$] ?`);
const gluedColon = /[A-Za-z_][\w.-]{0,40}@[A-Za-z0-9][\w.-]{0,120}:(?:~|\/)[^#$%>\s]{0,200}[#$] ?/;

/** Offset of a prompt that follows output without a line feed (`}[root@node-1 ~]#`), or -1. */
export function gluedPrompt(line: string): number {
  if (line.length > 2000 || !line.includes('@')) return -1;
  const found = glued.exec(line) ?? gluedColon.exec(line);
  return found === null || found.index === 0 ? -1 : found.index;
}
