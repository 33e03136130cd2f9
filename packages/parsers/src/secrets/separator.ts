/** What stands between the name of a value and the value: YAML, JSON, environment and ini files, arguments, headers, `name:`/`value:` pairs. */

const longestGap = 40;

/** Offset of the value of a key; -1 when none follows. */
export function valueStart(text: string, start: number, end: number, what: string): number {
  let at = end;
  while (text[at] === '\\') at++;
  const quoted = text[at] === '"' || text[at] === "'";
  if (quoted) at++;
  const gap = at;
  while ((text[at] === ' ' || text[at] === '\t') && at - gap < longestGap) at++;
  const separator = text[at];
  if (separator === '=') return afterBlanks(text, at + 1);
  if (separator === ':') {
    const next = text[at + 1];
    // `ns/my-secret:http` in a rule's comment is a Service's port, so an unquoted key needs a blank after its colon.
    if (!quoted && next !== ' ' && next !== '\t' && next !== '\n' && next !== '\r') return -1;
    return afterBlanks(text, at + 1);
  }
  if (isFlag(text, start)) return afterFlag(text, gap, quoted);
  if (what === 'password' && at > gap && !quoted) return bareValue(text, start, at);
  return pairedValue(text, start, end);
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

function isFlag(text: string, start: number): boolean {
  return text.startsWith('--', start);
}

/** The argument after a flag: on the line, on the next one after a backslash, as the next item of a JSON or YAML list. */
function afterFlag(text: string, from: number, quoted: boolean): number {
  const rest = text.slice(from, from + 200);
  const next = /^(?:[ \t]{0,20}\\{1,2}\r?\n[ \t]{0,80}|[ \t]{1,40}|,[ \t\r\n]{0,100})(?=[^-\s]|["'])/.exec(rest);
  if (next !== null && (quoted || rest[0] !== ',')) return from + next[0].length;
  const item = /^[ \t\r]{0,20}\n[ \t]{0,100}- /.exec(rest);
  return item === null ? -1 : from + item[0].length;
}

/** `auth_pass VALUE`, `requirepass VALUE`, `neighbor 10.0.0.1 password VALUE`, `password "VALUE"`. */
function bareValue(text: string, start: number, at: number): number {
  if (/^(?:auth_?pass|requirepass)/i.test(text.slice(start, start + 11))) return at;
  if (text[at] === '"') return at;
  return /\bneighbor \S{1,64} $/.test(text.slice(Math.max(0, start - 80), start)) ? at : -1;
}

/** `- name: DB_PASSWORD` with `value: …` under it, and the same in JSON. */
function pairedValue(text: string, start: number, end: number): number {
  if (!/\bname\\{0,8}["']?\s{0,4}:\s{0,4}\\{0,8}["']?$/.test(text.slice(Math.max(0, start - 40), start))) return -1;
  const value = /^\\{0,8}["']?,?\s{1,100}\\{0,8}["']?value\\{0,8}["']?\s{0,4}:[ \t]{0,20}/;
  const packed = /^\\{0,8}"\s{0,4},\s{0,4}\\{0,8}"value\\{0,8}"\s{0,4}:[ \t]{0,20}/;
  const rest = text.slice(end, end + 300);
  const match = value.exec(rest) ?? packed.exec(rest);
  return match === null ? -1 : end + match[0].length;
}
