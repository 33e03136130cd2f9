/** Machines that files are called after: `node-1-iptables-save.txt`, `iptables/node-1.log`, `ip-addr.node-2` beside the like of others. */
import { wordSet } from '../text/word-set.js';

/** Words of commands and of what they show; a name without them is the machine's, or means something else. */
const commandWords = wordSet(`
  iptables ip6tables iptables-save save saved legacy nft nftables ruleset rules rule tables table filter nat mangle raw
  ipset ipsets set sets list show ip ip4 ip6 ipv4 ipv6 v4 v6 inet inet6 addr addrs addresses address ipaddr ipaddrshow iplink iplinkshow
  iproute iprule ipneigh link links route routes neigh neighbor neighbour neighbours arp fdb bridge brctl vlan all details
  sysctl sysctls sysctla proc conntrack connections ss sockets netstat listeners lntup lnt ipvsadm ipvs ln
  uname hostname date uptime lsmod modules ethtool ifconfig dmesg journal kubelet kubeproxy kube proxy config
  dump dumps output outputs out log logs txt cmd command of from on at the for captures capture
  a c d l n s o t x nvl vnl nvxl nl xml json
`);
const extension = /\.(?:txt|log|out|json|md|gz|dump|cfg|conf)$/i;
/** What `text/unwrap.ts` says of a text that stood in another. */
export const within = / \((?:messages|outputs|text)\)$/;
const machine =
  /(?:^|[-_.])(?:node|knoten|nodo|master|worker|control-?plane|minion|agent|server|srv|host|gateway|gw|vm|k8s|kube|k3s|rke2?|ip)(?:[-_.]?[a-z]?\d[\w.-]*|[-_.][a-z])$/i;

interface Reading {
  readonly path: string;
  /** What is left of the path without the words of commands. */
  readonly key: string;
  /** Those words. */
  readonly kind: string;
}

/**
 * Paths by the machine that their names tell; a path without one is left out. Only where several names go with the same words: one file that
 * is called otherwise says nothing. `folder`: the name of the folder that holds them, which may be that of a command.
 */
export function machinesInNames(paths: readonly string[], folder = ''): ReadonlyMap<string, string> {
  const around = readPart(folder);
  const kindOfAll = around.key === '' ? around.kind : '';
  const readings = paths.map((path) => read(path, kindOfAll));
  const keysOf = new Map<string, Set<string>>();
  for (const { key, kind } of readings) {
    // Without such words, only a name that can be nothing else.
    if (key !== '' && (kind !== '' || looksLikeMachine(key)))
      keysOf.set(kind, (keysOf.get(kind) ?? new Set()).add(key));
  }
  const keys = new Set([...keysOf.values()].filter((some) => some.size > 1).flatMap((some) => [...some]));
  const found = new Map<string, string>();
  for (const { path, key } of readings) {
    const own = keys.has(key) ? machineOf(key, keys) : soleIn(path, keys);
    if (own !== null) found.set(path, own);
  }
  return found;
}

/** `node-1` of `node-1/subnet.env`, where files beside it are called after the machine alone. */
function machineOf(key: string, keys: ReadonlySet<string>): string {
  return key.split('/').find((part) => keys.has(part) && looksLikeMachine(part)) ?? key;
}

/** Whether a name is one that people give to machines. */
export function looksLikeMachine(name: string): boolean {
  return machine.test(name);
}

/** Whether a name says what was captured rather than where. */
export function isCommandWords(name: string): boolean {
  return readPart(name).key === '';
}

function read(path: string, kindOfAll: string): Reading {
  const left: string[] = [];
  const kinds = kindOfAll === '' ? [] : [kindOfAll];
  for (const part of path.split('/').slice(-4)) {
    const { key, kind } = readPart(part.replace(within, '').replace(extension, '').replace(extension, ''));
    if (key !== '') left.push(key);
    if (kind !== '') kinds.push(kind);
  }
  return { path, key: left.join('/'), kind: kinds.join('/') };
}

/** Takes the words of commands from the end, or from the beginning where there are more of them. */
function readPart(text: string): { readonly key: string; readonly kind: string } {
  const headed = machineBefore(text);
  if (headed !== null) return headed;
  const words = [...text.matchAll(/[^-_.+ ]+/g)];
  const known = words.map(([word]) => commandWords.has(word.toLowerCase()));
  const head = known.indexOf(false);
  if (head < 0) return { key: '', kind: text.toLowerCase() };
  const tail = words.length - 1 - known.lastIndexOf(false);
  const from = tail >= head ? 0 : head;
  const to = tail >= head ? words.length - tail : words.length;
  const [first, last] = [words[from], words[to - 1]];
  if (first === undefined || last === undefined) return { key: '', kind: '' };
  const kind = [...words.slice(0, from), ...words.slice(to)].map(([word]) => word.toLowerCase()).join('-');
  return { key: text.slice(first.index, last.index + last[0].length), kind };
}

/** `node-1_cat_.run.flannel.subnet.env`, `node-1 ss -tuan`: no name of a machine has such a separator, whatever stands behind it. */
function machineBefore(text: string): { readonly key: string; readonly kind: string } | null {
  for (const { index } of text.matchAll(/[_ ]+(?![_ \d])/g)) {
    const key = text.slice(0, index);
    // `ip_4_addr` is a command.
    if (looksLikeMachine(key) && !/^ip[-_.]?\d+$/i.test(key)) return { key, kind: text.slice(index + 1).toLowerCase() };
  }
  return null;
}

/** The only one of the names that stands in a path by itself. */
function soleIn(path: string, names: ReadonlySet<string>): string | null {
  const held = [...names].filter((name) => {
    const at = path.indexOf(name);
    return at >= 0 && !/[A-Za-z0-9]/.test(path[at - 1] ?? '/') && !/[A-Za-z0-9]/.test(path[at + name.length] ?? '/');
  });
  const [sole] = held;
  return held.length === 1 ? (sole ?? null) : null;
}
