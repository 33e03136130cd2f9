/** `-m connlabel`: a label bit of the connection. iptables-extensions(8); net/netfilter/xt_connlabel.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, option, type Refusal, refuse } from '../extension.js';
import { flag, printed, word } from '../value.js';

export interface ConnlabelMatch {
  /** Number of the bit, or a name of the node's own connlabel.conf. */
  readonly label: number | string;
  readonly invert: boolean;
  /** Sets the label where it is not set yet. */
  readonly set: boolean;
}

const labelValue = word<number | string>(
  'name',
  (text) => {
    const bit = parseUint32(text);
    if (bit !== null) return bit > 127 ? refuse(`there is no label ${bit}`) : bit;
    // Names are words of a file of words; they are printed in quotes but not escaped.
    return /^[^\s"\\]+$/.test(text) ? text : refuse(`"${text}" is no name of a label`);
  },
  (choose) => `${choose(128)}`,
);

export const connlabel = defineMatch({
  name: 'connlabel',
  families: [4, 6],
  options: { label: negatable(labelValue), set: option(flag) },
  build: ({ label, set }): ConnlabelMatch | Refusal =>
    label === undefined
      ? refuse('--label is missing')
      : { label: label.value, invert: label.invert, set: set !== undefined },
  sample: (choose, cx) => [
    ...printed('--label', labelValue.sample(choose, cx), choose(2) === 0),
    ...(choose(2) === 0 ? ['--set'] : []),
  ],
  save: (data) => [...printed('--label', [`"${data.label}"`], data.invert), ...(data.set ? ['--set'] : [])],
  listing: (cursor, cx): ConnlabelMatch | null => {
    const at = cursor.at;
    if (cursor.accept('connlabel')) {
      const invert = cursor.accept('!');
      const label = labelValue.read([cursor.take() ?? ''], cx);
      if (typeof label !== 'object') return { label, invert, set: cursor.accept('set') };
    }
    cursor.reset(at);
    return null;
  },
  test: ({ label, invert, set }, { skb: { ct }, around }): Tri => {
    if (ct === null) return invert;
    // What the dump holds began before it, and had its own labels then.
    const given = ct.expected === null ? undefined : around.labelsGiven?.();
    if (given === undefined) return unknown('the labels of the connection are not known', 'conntrack');
    if (set) return !invert;
    if (given.some((one) => mayBeSame(one, label)))
      return unknown('whether a rule has given the connection that label');
    return invert;
  },
});

/** Which number a name stands for the node's connlabel.conf tells. */
function mayBeSame(one: number | string, other: number | string): boolean {
  return one === other || typeof one !== typeof other;
}
