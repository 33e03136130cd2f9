/** Commands by which rules come back after a start: they change nothing before it, and a file at most that the snapshot does not hold. */
import type { Bench, Site } from './bench.js';
import { capturedPart } from './file-edits.js';
import type { ShellCommand } from './shell/syntax.js';

/** `iptables-save > /etc/iptables/rules.v4`, `netfilter-persistent save`. */
export function isSaved({ before, nodes }: Bench, { node: at }: Site, { words, redirects }: ShellCommand): boolean {
  const texts = words.map(({ text }) => text).filter((text) => text !== 'sudo');
  if (!saves(texts[0]?.replace(/^.*\//, '') ?? '', texts.slice(1).join(' '))) return false;
  const node = nodes[at ?? 0]?.name ?? '';
  const isNew = (path: string) => path === '/dev/null' || capturedPart(before, { node, path }) === null;
  return redirects.every(({ sign, target }) => sign === '>&' || (sign === '>' && isNew(target.text)));
}

function saves(tool: string, rest: string): boolean {
  if (tool === 'ipset' || tool === 'netfilter-persistent') return rest === 'save';
  if (tool === 'service') return /^ip6?tables save$/.test(rest);
  return /^ip6?tables(?:-legacy|-nft)?-save$/.test(tool);
}
