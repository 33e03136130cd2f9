/** `-j DSCP`: the differentiated services codepoint, the upper six bits of the TOS byte. RFC 2474; net/netfilter/xt_DSCP.c. */

import { parseUint32 } from '../../inet/decimal.js';
import { alter } from '../../packet/skb.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { integer, pick, word } from '../value.js';

export interface DscpTarget {
  readonly dscp: number;
}

/** Classes by name: RFC 2474, 2597, 3246. */
const dscpClasses: Readonly<Record<string, number>> = {
  BE: 0,
  EF: 46,
  ...Object.fromEntries(Array.from({ length: 8 }, (_, level) => [`CS${level}`, level * 8])),
  ...Object.fromEntries(
    [1, 2, 3, 4].flatMap((level) => [1, 2, 3].map((drop) => [`AF${level}${drop}`, level * 8 + drop * 2])),
  ),
};

const className = word(
  'class',
  (text): number | Refusal => {
    const name = text.toUpperCase();
    return (Object.hasOwn(dscpClasses, name) ? dscpClasses[name] : undefined) ?? refuse(`"${text}" is no class`);
  },
  (choose) => pick(choose, ['EF', 'ef', 'CS0', 'CS7', 'BE', 'AF11', 'af43']),
);

export const dscp = defineTarget({
  name: 'DSCP',
  families: [4, 6],
  tables: ['mangle'],
  options: {
    'set-dscp': option(integer('value', 0, 63)),
    'set-dscp-class': option(className),
  },
  sample: (choose, cx) =>
    choose(2) === 0
      ? ['--set-dscp', ...integer('value', 0, 63).sample(choose, cx)]
      : ['--set-dscp-class', ...className.sample(choose, cx)],
  build: (given): DscpTarget | Refusal => {
    const value = given['set-dscp'];
    const named = given['set-dscp-class'];
    if (value !== undefined && named !== undefined) return refuse('--set-dscp does not go with --set-dscp-class');
    const chosen = value ?? named;
    return chosen === undefined ? refuse('--set-dscp is missing') : { dscp: chosen.value };
  },
  save: (data) => ['--set-dscp', hex(data.dscp)],
  listing: (cursor): DscpTarget | null => {
    const value = cursor.accept('DSCP', 'set') ? parseUint32(cursor.take() ?? '') : null;
    return value === null ? null : { dscp: value };
  },
  apply: (data, { skb }) => ({ kind: 'continue', skb: alter(skb, { tos: (skb.tos & 3) | (data.dscp << 2) }) }),
});

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
