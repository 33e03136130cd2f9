/** Every tool that a what-if can run, by name. Adding one: its file and one line here. */
import type { Tool } from '../call.js';
import type { ShellWord } from '../shell/syntax.js';
import { iptables } from './iptables.js';
import { iptablesRestore } from './iptables-restore.js';

/** The tool of that name; null: none is known, or not for such arguments. */
export function toolNamed(name: string, _args: readonly ShellWord[]): Tool | null {
  if (/^ip6?tables(?:-legacy|-nft)?$/.test(name)) return iptables;
  if (/^ip6?tables(?:-legacy|-nft)?-restore$/.test(name)) return iptablesRestore;
  return null;
}
