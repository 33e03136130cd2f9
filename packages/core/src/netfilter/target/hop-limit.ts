/** `-j TTL` and `-j HL`: the time to live, or hop limit, set, raised or lowered. iptables-extensions(8); net/netfilter/xt_HL.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { alter, type Skb } from '../../packet/skb.js';
import type { TargetAction } from '../action.js';
import { defineTarget, type GivenTable, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { integer, pick } from '../value.js';

export interface HopLimitTarget {
  readonly operation: 'set' | 'inc' | 'dec';
  readonly value: number;
}

const operations = ['set', 'inc', 'dec'] as const;
const listed = { set: ['set', 'to'], inc: ['increment', 'by'], dec: ['decrement', 'by'] } as const;
const any = option(integer('value', 0, 255));
const step = option(integer('value', 1, 255));

export const ttl = defineTarget({
  name: 'TTL',
  families: [4],
  tables: ['mangle'],
  options: { 'ttl-set': any, 'ttl-inc': step, 'ttl-dec': step },
  sample: (choose) => [`--ttl-${pick(choose, operations)}`, String(1 + choose(255))],
  build: (given) => build(given, 'ttl'),
  save: (data: HopLimitTarget) => [`--ttl-${data.operation}`, String(data.value)],
  listing: (cursor) => readListed(cursor, 'TTL'),
  apply: (data, { skb }) => applied(data, skb),
});

export const hl = defineTarget({
  name: 'HL',
  families: [6],
  tables: ['mangle'],
  options: { 'hl-set': any, 'hl-inc': step, 'hl-dec': step },
  sample: (choose) => [`--hl-${pick(choose, operations)}`, String(1 + choose(255))],
  build: (given) => build(given, 'hl'),
  save: (data: HopLimitTarget) => [`--hl-${data.operation}`, String(data.value)],
  listing: (cursor) => readListed(cursor, 'HL'),
  apply: (data, { skb }) => applied(data, skb),
});

function build(given: GivenTable, prefix: string): HopLimitTarget | Refusal {
  const chosen = operations.filter((name) => given[`${prefix}-${name}`] !== undefined);
  const [operation] = chosen;
  if (operation === undefined) return refuse('it does not say what to change');
  if (chosen.length > 1)
    return refuse(`only one of ${chosen.map((name) => `--${prefix}-${name}`).join(', ')} can be given`);
  return { operation, value: given[`${prefix}-${operation}`]?.value as number };
}

function readListed(cursor: ListingCursor, name: string): HopLimitTarget | null {
  if (!cursor.accept(name)) return null;
  const operation = operations.find((candidate) => cursor.accept(...listed[candidate]));
  const value = parseUint32(cursor.take() ?? '');
  return operation === undefined || value === null ? null : { operation, value };
}

/** It stops at 0 and at 255. A packet whose limit becomes 0 is not dropped by this target. */
function applied({ operation, value }: HopLimitTarget, skb: Skb): TargetAction {
  const raised = operation === 'set' ? value : operation === 'inc' ? skb.ttl + value : skb.ttl - value;
  return { kind: 'continue', skb: alter(skb, { ttl: Math.min(Math.max(raised, 0), 255) }) };
}
