/** How findings list certificates, holders and times. */
import type { Node } from '@coldtrace/core';
import type { Stale } from './stale.js';

export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

export function countText(count: number): string {
  return count === 1 ? '1 certificate is' : `${count} certificates are`;
}

export function staleText({ authority, leaves, copies }: Stale): string {
  const signers = [...new Set(leaves.map(({ signer }) => signer))];
  const where = (node: Node, name: string) => (node === authority.node ? name : `${name} of ${node.name}`);
  const signed = signers.map(
    (signer) =>
      `${listText(leaves.filter((one) => one.signer === signer).map(({ leaf }) => where(leaf.node, leaf.role.name)))} signed by ${signer}`,
  );
  const held =
    copies.length === 0 ? [] : [`another one in ${listText(copies.map(({ node, name }) => where(node, name)))}`];
  return [...signed, ...held].join('; ');
}

const mostListed = 4;

export function listText(names: readonly string[]): string {
  if (names.length <= mostListed) return names.join(', ');
  return `${names.slice(0, mostListed).join(', ')} and ${names.length - mostListed} more`;
}
