/** What stands before the command proper and says where it runs: sudo(8), ssh(1), ip-netns(8), nsenter(1), kubectl exec, docker exec, pdsh(1). */
import type { Place } from './command.js';
import { readFleet } from './fleet-command.js';
import { options, quoted, type Rest } from './wrapper-words.js';

export interface Unwrapped {
  readonly text: string;
  readonly place: Place;
  readonly enters: boolean;
}

const shells = /^(?:\/\S*\/)?(?:ba|da|a|z|k|c)?sh$/;

/** Takes wrappers off one by one; the number is bounded by the number of words. */
export function unwrap(typed: string): Unwrapped {
  let text = typed.trim();
  let place: Place = {};
  for (let round = 0; round < 8; round++) {
    const words = text.split(/\s+/);
    const rest = readWrapper(words);
    if (rest === null) break;
    place = { ...place, ...rest.place };
    text = rest.inner ?? afterWords(text, rest.skip);
    if (text === '') return { text: typed.trim(), place, enters: rest.place !== undefined };
    if (isShell(text)) return { text, place, enters: true };
  }
  return { text, place, enters: isShell(text) && Object.keys(place).length > 0 };
}

function isShell(text: string): boolean {
  const words = text.split(/\s+/);
  return shells.test(words[0] ?? '') && words.slice(1).every((word) => /^-(?!c)/.test(word));
}

function afterWords(text: string, count: number): string {
  let at = 0;
  for (let word = 0; word < count; word++) {
    while (at < text.length && text[at] !== ' ' && text[at] !== '\t') at++;
    while (at < text.length && (text[at] === ' ' || text[at] === '\t')) at++;
  }
  return text.slice(at);
}

function readWrapper(words: readonly string[]): Rest | null {
  const [first = '', second = ''] = words;
  if (/^[A-Z_][A-Z0-9_]*=/.test(first)) return { skip: 1 };
  if (first.startsWith('\\') && first.length > 1) return { skip: 0, inner: words.join(' ').slice(1) };
  switch (first.slice(first.lastIndexOf('/') + 1)) {
    case 'sudo':
    case 'doas':
      return { skip: options(words, 1, /^-[ugphCT]$/) };
    case 'time':
    case 'nohup':
    case 'exec':
    case 'command':
    case 'env':
    case 'stdbuf':
    case 'busybox':
      return words.length > 1 ? { skip: options(words, 1, /^$/) } : null;
    case 'timeout':
    case 'chroot':
      return words.length > 2 ? { skip: options(words, 1, /^-[sk]$/) + 1 } : null;
    case 'watch':
      return words.length > 1 ? { skip: options(words, 1, /^-n$/) } : null;
    case 'bash':
    case 'sh':
      return second === '-c' || second === '-lc' ? quoted(words, 2) : null;
    case 'ssh':
      return readSsh(words);
    case 'ip':
      return readNetns(words);
    case 'ansible':
    case 'pssh':
    case 'parallel-ssh':
    case 'pdsh':
    case 'clush':
    case 'salt':
      return readFleet(words);
    case 'nsenter':
      return readNsenter(words);
    case 'kubectl':
    case 'oc':
      return readKubectl(words);
    case 'k3s':
    case 'microk8s':
      return second === 'kubectl' ? { skip: 1 } : null;
    case 'docker':
    case 'podman':
    case 'nerdctl':
    case 'crictl':
      return second === 'exec' ? readContainer(words) : null;
    default:
      return null;
  }
}

function readSsh(words: readonly string[]): Rest | null {
  const at = options(words, 1, /^-[bcDEeFIiJLlmOopQRSWw]$/);
  const host = words[at];
  if (host === undefined || !/^[\w.@:-]+$/.test(host)) return null;
  const place = { node: host.slice(host.indexOf('@') + 1), netns: null };
  const first = words[at + 1];
  if (first === undefined) return { skip: words.length, place };
  const inQuotes = first.startsWith('"') || first.startsWith("'");
  return inQuotes ? { ...quoted(words, at + 1), place } : { skip: at + 1, place };
}

function readNetns(words: readonly string[]): Rest | null {
  if (words[1] === 'netns' && words[2] === 'exec' && words[3] !== undefined) {
    return { skip: 4, place: { netns: words[3] } };
  }
  const at = words.findIndex((word) => word === '-n' || word === '-netns');
  const name = words[at + 1];
  if (at < 1 || name === undefined || words.slice(1, at).some((word) => !word.startsWith('-'))) return null;
  const inner = ['ip', ...words.slice(1, at), ...words.slice(at + 2)].join(' ');
  return { skip: 0, inner, place: { netns: name } };
}

function readNsenter(words: readonly string[]): Rest | null {
  let netns: string | null = null;
  let net = false;
  let pid: string | null = null;
  let at = 1;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      at++;
      break;
    }
    if (!word.startsWith('-')) break;
    const file = /^(?:--net=|-n=?)(\/\S+)$/.exec(word)?.[1];
    if (file !== undefined) netns = namespaceOfFile(file);
    if (word === '-t' || word === '--target') pid = words[++at] ?? null;
    else pid = /^(?:-t|--target=)(\d+)$/.exec(word)?.[1] ?? pid;
    if (word === '-n' || word === '--net' || word === '-a' || file !== undefined || /^-[muipU]*n[muipU]*$/.test(word))
      net = true;
  }
  if (at >= words.length && pid === null && netns === null) return null;
  if (pid === '1' && netns === null) return { skip: at, place: { netns: null } };
  if (!net) return { skip: at };
  return { skip: at, place: { netns: netns ?? (pid === null ? null : `pid:${pid}`) } };
}

function namespaceOfFile(file: string): string | null {
  const pid = /^\/(?:host\/)?proc\/(\d+)\/ns\/net$/.exec(file)?.[1];
  if (pid !== undefined) return pid === '1' ? null : `pid:${pid}`;
  return file.slice(file.lastIndexOf('/') + 1);
}

function readKubectl(words: readonly string[]): Rest | null {
  const verb = words.findIndex((word, at) => at > 0 && (word === 'exec' || word === 'rsh' || word === 'debug'));
  if (verb < 0) return null;
  const dashes = words.indexOf('--');
  const named = namespaceOption(words);
  let subject: string | null = null;
  let at = verb + 1;
  for (; at < words.length && at !== dashes; at++) {
    const word = words[at] ?? '';
    if (/^(?:-n|-c|--namespace|--container|--image|--context|--kubeconfig)$/.test(word)) at++;
    else if (!word.startsWith('-')) {
      subject = word;
      at++;
      break;
    }
  }
  if (subject === null) return null;
  const skip = dashes >= 0 ? dashes + 1 : at + containerOption(words, at);
  const node = /^nodes?\/(.+)$/.exec(subject)?.[1];
  if (node !== undefined) return { skip, place: { node, netns: null } };
  return { skip, place: { netns: `pod:${named ?? 'default'}/${subject.replace(/^pods?\//, '')}` } };
}

function containerOption(words: readonly string[], at: number): number {
  return words[at] === '-c' ? 2 : words[at]?.startsWith('-') ? 1 : 0;
}

function namespaceOption(words: readonly string[]): string | null {
  for (let at = 1; at < words.length && words[at] !== '--'; at++) {
    const word = words[at] ?? '';
    if (word === '-n' || word === '--namespace') return words[at + 1] ?? null;
    const value = /^(?:-n|--namespace=)([a-z0-9-]+)$/.exec(word)?.[1];
    if (value !== undefined) return value;
  }
  return null;
}

/** The nodes of kind and k3d are containers; every other container is a namespace of the node where it runs. */
function readContainer(words: readonly string[]): Rest | null {
  const at = options(words, 2, /^-[euw]$/);
  const name = words[at];
  if (name === undefined) return null;
  if (/(?:-control-plane\d*|-worker\d*|^k3d-.*-(?:server|agent)-\d+)$/.test(name)) {
    return { skip: at + 1, place: { node: name, netns: null } };
  }
  return { skip: at + 1, place: { netns: `container:${name}` } };
}
