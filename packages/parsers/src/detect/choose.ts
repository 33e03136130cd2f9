/** Which format a line, a command or a file name belongs to: content decides, the command is a strong hint, the file name a weak one. */
import type { Format } from '../format.js';
import { wordSet } from '../text/word-set.js';
import { isLogEntry } from './log-entry.js';

export function byCommand(formats: readonly Format[], bare: string): readonly Format[] {
  return formats.filter((format) => format.commands.some((pattern) => pattern.test(bare)));
}

export function byName(formats: readonly Format[], path: string): readonly Format[] {
  const named = byLastName(formats, path.slice(path.lastIndexOf('/') + 1).slice(0, 255));
  return formats.filter((format) => named.has(format) || format.paths?.some((pattern) => pattern.test(path)));
}

const known = new WeakMap<readonly Format[], Map<string, ReadonlySet<Format>>>();
const mostKnown = 500;

/** The same few names come again with every node, and hundreds of patterns are asked about each. */
function byLastName(formats: readonly Format[], name: string): ReadonlySet<Format> {
  const names = known.get(formats) ?? new Map<string, ReadonlySet<Format>>();
  known.set(formats, names);
  const before = names.get(name);
  if (before !== undefined) return before;
  const last = withoutNetns(name);
  const named = new Set(formats.filter((format) => format.fileNames.some((pattern) => pattern.test(last))));
  if (names.size === mostKnown) names.clear();
  names.set(name, named);
  return named;
}

const inNetns =
  /^ip_netns_exec_(.{1,100}?)_((?:ip|ip6tables|iptables|ipset|ss|netstat|sysctl|bridge|ethtool|nft|conntrack|arp|route|cat)(?:[_-].*)?)$/;

/** sosreport names files after commands: `ip_netns_exec_NAME_ip_route_show`. */
function withoutNetns(name: string): string {
  return inNetns.exec(name)?.[2] ?? name;
}

/** The network namespace that a path names; null for the host's. `namespaces/` of a must-gather holds those of Kubernetes, in folders of objects and logs. */
export function netnsOfPath(path: string): string | null {
  const folder =
    /(?:^|\/)netns\/([^/]{1,100})\//.exec(path)?.[1] ??
    /(?:^|\/)namespaces\/([^/]{1,100})\/(?![^/]*\.(?:ya?ml|json|log)$)[^/]+$/.exec(path)?.[1];
  return folder ?? inNetns.exec(path.slice(path.lastIndexOf('/') + 1))?.[1] ?? null;
}

/** The format that a line opens, or null. Among several, hints come first, then the one that fits the lines that follow best. */
export function opener(
  formats: readonly Format[],
  hints: readonly Format[],
  text: string,
  start: number,
  line: string,
): Format | null {
  const hinted = hints.find((format) => format.line(line) !== null);
  // Lines from the middle of a bracketed dump (`iptables-save | grep …`) may be a fragment that another format reads.
  const fragment = hinted?.extent !== undefined && hinted.line(line) === 'continues';
  if (hinted !== undefined && !fragment) return hinted;
  const entry = isLogEntry(line);
  const found = formats.filter((format) => (!entry || format.entries === true) && format.line(line) === 'opens');
  if (found.length === 0 && (line === '{' || line === '[')) return jsonOpener(formats, text, start) ?? hinted ?? null;
  if (found.length <= 1) return found[0] ?? hinted ?? null;
  return bestFit(found, text, start);
}

/** A bracket alone says nothing; what it opens does (`kubectl cluster-info dump` prints one list after the other). */
function jsonOpener(formats: readonly Format[], text: string, start: number): Format | null {
  const head = text.slice(start, start + charactersAhead);
  return (
    formats.find((format) => (format.whole?.(head, '') ?? 0) > 0.9 && format.extent?.(text, start) != null) ?? null
  );
}

const linesAhead = 24;
const charactersAhead = 8192;

function bestFit(candidates: readonly Format[], text: string, start: number): Format | null {
  const lines = text.slice(start, start + charactersAhead).split('\n', linesAhead);
  let best: Format | null = null;
  let most = -1;
  for (const format of candidates) {
    let score = 0;
    for (const line of lines) {
      const verdict = format.line(line);
      if (verdict !== null) score += verdict === 'opens' ? 3 : 2;
    }
    if (score > most) {
      most = score;
      best = format;
    }
  }
  return best;
}

/** What every machine has: an output without a line did not deliver, rather than say that there is none. */
const neverEmpty: ReadonlySet<string> = wordSet(`
  date hostname ifconfig ip-addr ip-link ip-rule iproute-json iptables-list iptables-rules
  kube-objects kube-table lsmod netstat proc-sys ps ss sysctl uname uptime x509
`);

export function mayBeEmpty(format: Format): boolean {
  return !neverEmpty.has(format.id);
}
