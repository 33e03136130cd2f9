/** Outputs of commands within JSON, as Ansible, Salt and collectors of one's own write them: `{"cmd": …, "stdout": …}` by host, or `{"ip addr": …}`. */

interface Output {
  readonly host: string | null;
  readonly command: string | null;
  readonly text: string;
}

/** As a session would show them; null: the JSON holds none. */
export function outputsInJson(whole: unknown): string | null {
  const found: Output[] = [];
  visit(whole, null, 0, found);
  return found.some(isOutput) ? found.map(shown).join('') : null;
}

function isOutput({ command, text }: Output): boolean {
  return text.split('\n', 4).length > 3 || (tool.test(command ?? '') && text.includes('\n'));
}

/** `changed: [node-1] => {…}` of a play, `node-1 | CHANGED => {…}` of a single task. */
const results =
  /^(?:(?:changed|ok): \[([\w.-]{1,253})\](?: \(item=[^\n]{0,300}\))? => |([\w.-]{1,253}) \| (?:CHANGED|SUCCESS) => )(?=\{)/gm;

/** A log of Ansible's with its results as outputs; null: it has none. */
export function outputsInPlay(text: string): string | null {
  if (!text.includes('=> {')) return null;
  let read = 0;
  let tried = 0;
  const parts: string[] = [];
  for (const match of text.matchAll(results)) {
    const start = match.index + match[0].length;
    // What was looked at is not looked at again, whether or not it was a result.
    if (match.index < tried) continue;
    const end = endOfResult(text, start);
    tried = end;
    const found: Output[] = [];
    const host = match[1] ?? match[2] ?? null;
    visit(parsed(text.slice(start, end)), host, 0, found);
    if (found.length === 0) continue;
    // A prompt without a command ends the output: what Ansible says next is none of it.
    parts.push(text.slice(read, match.index), ...found.map(shown), `[root@${host} ~]# `);
    read = end;
  }
  return read === 0 ? null : `${parts.join('')}${text.slice(read)}`;
}

/** In one line, or indented to the brace that closes it. */
function endOfResult(text: string, start: number): number {
  const feed = text.indexOf('\n', start);
  const line = feed < 0 ? text.length : feed;
  if (text.slice(start, line).trimEnd() !== '{') return line;
  const close = text.indexOf('\n}', line);
  return close < 0 ? text.length : close + 2;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const hostKeys = ['host', 'hostname', 'node', 'nodeName', 'inventory_hostname', 'minion', 'server'];
const textKeys = ['stdout', 'output', 'out', 'result', 'response'];
/** Below these, keys are names of machines. */
const listsHosts = new Set(['hosts', 'nodes', 'contacted', 'minions', 'servers', 'machines']);
const tool =
  /^(?:sudo +)?(?:\/\S*\/)?(?:ip|ip6?tables(?:-\w+)*|ipset|ipvsadm|bridge|brctl|sysctl|ss|netstat|conntrack|uname|hostname|date|arp|route|ifconfig|nft|ps|lsmod|cat|head|tail|find|crictl|docker|kubectl|systemctl|journalctl|dmesg|openssl)(?: |$)/;
const deepest = 12;

function visit(value: unknown, host: string | null, depth: number, found: Output[], below = ''): void {
  if (typeof value !== 'object' || value === null || depth > deepest) return;
  if (Array.isArray(value)) {
    for (const inner of value) visit(inner, host, depth + 1, found);
    return;
  }
  const own = nameIn(value) ?? host;
  const command = commandIn(value);
  const text = textIn(value);
  if (command !== null && text !== null) {
    found.push({ host: own, command, text });
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string') {
      if (tool.test(key)) found.push({ host: own, command: key, text: inner });
    } else visit(inner, listsHosts.has(below) && isName(key) ? key : own, depth + 1, found, key);
  }
}

function nameIn(value: object): string | null {
  for (const key of hostKeys) {
    const name = fieldOf(value, key);
    if (typeof name === 'string' && isName(name.trim())) return name.trim();
  }
  return null;
}

function isName(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,252}$/.test(text);
}

function commandIn(value: object): string | null {
  for (const key of ['cmd', 'command', '_raw_params']) {
    const said = fieldOf(value, key);
    const words = Array.isArray(said) ? said : [said];
    if (words.length > 0 && words.every((word) => typeof word === 'string' && word !== '' && !word.includes('\n'))) {
      const args = fieldOf(value, 'args');
      const rest = Array.isArray(args) ? args.filter((word) => typeof word === 'string') : [];
      return [...words, ...rest].join(' ').slice(0, 1000);
    }
  }
  return null;
}

function textIn(value: object): string | null {
  for (const key of textKeys) {
    const text = fieldOf(value, key);
    if (typeof text === 'string') return text;
  }
  const lines = fieldOf(value, 'stdout_lines');
  return Array.isArray(lines) && lines.every((line) => typeof line === 'string') ? lines.join('\n') : null;
}

function fieldOf(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function shown({ host, command, text }: Output): string {
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return host === null ? `\n########## ${command} ##########\n${ended}` : `[root@${host} ~]# ${command}\n${ended}`;
}
