/** Every tool that a what-if can run, by name. Adding one: its file and one line here. */
import type { Tool } from '../call.js';
import { bridge } from './bridge.js';
import { ip } from './ip.js';
import { ipset } from './ipset.js';
import { iptables } from './iptables.js';
import { iptablesRestore } from './iptables-restore.js';
import { ipvsadm } from './ipvsadm.js';
import { sysctl } from './sysctl.js';

const tools: ReadonlyMap<string, Tool> = new Map([
  ['bridge', bridge],
  ['ip', ip],
  ['ipset', ipset],
  ['ipvsadm', ipvsadm],
  ['sysctl', sysctl],
]);

/** The tool of that name; null: none is known. */
export function toolNamed(name: string): Tool | null {
  if (/^ip6?tables(?:-legacy|-nft)?$/.test(name)) return iptables;
  if (/^ip6?tables(?:-legacy|-nft)?-restore$/.test(name)) return iptablesRestore;
  return tools.get(name) ?? null;
}
