/** `-j TOS`: the type-of-service byte, or traffic class. iptables-extensions(8); net/netfilter/xt_DSCP.c, iptables: extensions/libxt_TOS.c. */

import { parseUint32 } from '../../inet/decimal.js';
import { alter } from '../../packet/skb.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { integer, pick, word } from '../value.js';

/** tos = (tos & ~mask) ^ value; every spelling of the option comes down to this. */
export interface TosTarget {
  readonly value: number;
  readonly mask: number;
}

/** RFC 1349; a name leaves the two lowest bits alone. */
const names: Readonly<Record<string, number>> = {
  'minimize-delay': 0x10,
  'maximize-throughput': 0x08,
  'maximize-reliability': 0x04,
  'minimize-cost': 0x02,
  'normal-service': 0x00,
};

const tosMask = word('value[/mask]|name', readTos, (choose) =>
  pick(choose, [
    '0x10',
    '0x10/0x3f',
    '255',
    '0/0',
    '0x20/0x10',
    'Minimize-Delay',
    'normal-service',
    'Maximize-Throughput',
  ]),
);

function readTos(text: string): TosTarget | Refusal {
  const slash = text.indexOf('/');
  const value = parseUint32(text, 0, slash < 0 ? text.length : slash);
  if (value !== null && value <= 255) {
    const mask = slash < 0 ? 255 : parseUint32(text, slash + 1);
    return mask === null || mask > 255 ? refuse(`"${text}" is no TOS with mask`) : { value, mask };
  }
  const named = text.toLowerCase();
  if (!Object.hasOwn(names, named)) return refuse(`"${text}" is no TOS`);
  return { value: names[named] ?? 0, mask: 0x3f };
}

const byte = integer('bits', 0, 255);
const operations = ['set-tos', 'and-tos', 'or-tos', 'xor-tos'] as const;

export const tos = defineTarget({
  name: 'TOS',
  families: [4, 6],
  tables: ['mangle'],
  options: { 'set-tos': option(tosMask), 'and-tos': option(byte), 'or-tos': option(byte), 'xor-tos': option(byte) },
  sample: (choose, cx) => {
    const operation = pick(choose, operations);
    return [`--${operation}`, ...(operation === 'set-tos' ? tosMask : byte).sample(choose, cx)];
  },
  build: (given): TosTarget | Refusal => {
    const chosen = operations.filter((name) => given[name] !== undefined);
    if (chosen.length > 1) return refuse(`only one of --${chosen.join(', --')} can be given`);
    const [set, and, or, xor] = [given['set-tos'], given['and-tos'], given['or-tos'], given['xor-tos']];
    if (set !== undefined) return set.value;
    if (and !== undefined) return { value: 0, mask: ~and.value & 255 };
    if (or !== undefined) return { value: or.value, mask: or.value };
    return xor === undefined ? refuse('it does not say what to set') : { value: xor.value, mask: 0 };
  },
  save: ({ value, mask }) => ['--set-tos', `${hex(value)}/${hex(mask)}`],
  listing: (cursor): TosTarget | null => {
    if (!cursor.accept('TOS')) return null;
    // `TOS setMinimize-Delay`, without -n.
    const glued = cursor.acceptPrefix('set');
    if (glued !== null && glued !== '') {
      const named = readTos(glued);
      return 'refused' in named ? null : named;
    }
    const verb = glued === null ? cursor.take() : 'set';
    const read = readTos(cursor.take() ?? '');
    if ('refused' in read) return null;
    switch (verb) {
      case 'set':
        return read;
      case 'and':
        return { value: 0, mask: ~read.value & 255 };
      case 'or':
        return { value: read.value, mask: read.value };
      case 'xor':
        return { value: read.value, mask: 0 };
      default:
        return null;
    }
  },
  apply: ({ value, mask }, { skb }) => ({
    kind: 'continue',
    skb: alter(skb, { tos: ((skb.tos & ~mask) ^ value) & 255 }),
  }),
});

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
