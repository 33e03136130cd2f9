/** Names of DiffServ classes as the dscp match and the DSCP target take them. iptables: extensions/dscp_helper.c. */
import { refuse, type ValueType } from '../extension.js';
import { pick, word } from '../value.js';

/** The code point of a class, null for other words. AF44 is one of no class. */
function dscpOfClass(name: string): number | null {
  const upper = name.toUpperCase();
  if (upper === 'BE') return 0;
  if (upper === 'EF') return 0x2e;
  const selector = /^CS([0-7])$/.exec(upper)?.[1];
  if (selector !== undefined) return Number(selector) * 8;
  const [, group, drop] = /^AF([1-4])([1-3])$/.exec(upper) ?? [];
  return group === undefined || drop === undefined ? null : Number(group) * 8 + Number(drop) * 2;
}

export const dscpClass: ValueType<number> = word(
  'class',
  (text) => dscpOfClass(text) ?? refuse(`"${text}" is no DiffServ class`),
  (choose) => pick(choose, ['BE', 'EF', 'CS0', 'CS7', 'AF11', 'AF43', 'af22']),
);

export function formatDscp(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
