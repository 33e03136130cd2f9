/** `-j MARK`: sets bits of the packet's mark. iptables-extensions(8); net/netfilter/xt_mark.c. */

import { formatMark, type Mark, parseMark, setXmark } from '../../inet/mark.js';
import { draftSkb } from '../../packet/skb.js';
import { defineTarget, type Given, option, type Refusal, refuse } from '../extension.js';
import { integer, mark as markValue, pick } from '../value.js';

/** mark = (mark & ~mask) ^ value; every spelling of the option comes down to this. */
export interface MarkTarget {
  readonly xmark: Mark;
}

const all = 0xffffffff;
const bits = integer('bits', 0, all);
const operations = ['set-xmark', 'set-mark', 'and-mark', 'or-mark', 'xor-mark'] as const;

export const mark = defineTarget({
  name: 'MARK',
  families: [4, 6],
  options: {
    'set-mark': option(markValue),
    'set-xmark': option(markValue),
    'and-mark': option(bits),
    'or-mark': option(bits),
    'xor-mark': option(bits),
  },
  sample: (choose, cx) => {
    const operation = pick(choose, operations);
    return [`--${operation}`, ...(operation.startsWith('set') ? markValue : bits).sample(choose, cx)];
  },
  build: (given): MarkTarget | Refusal => {
    const chosen = [
      asXmark(given['set-xmark'], (value) => value),
      asXmark(given['set-mark'], ({ value, mask }) => ({ value, mask: (mask | value) >>> 0 })),
      asXmark(given['and-mark'], (value) => ({ value: 0, mask: ~value >>> 0 })),
      asXmark(given['or-mark'], (value) => ({ value, mask: value })),
      asXmark(given['xor-mark'], (value) => ({ value, mask: 0 })),
    ].filter((xmark) => xmark !== null);
    if (chosen.length > 1)
      return refuse('only one of --set-mark, --set-xmark, --and-mark, --or-mark, --xor-mark can be given');
    return chosen[0] === undefined ? refuse('it does not say which bits to set') : { xmark: chosen[0] };
  },
  save: (data) => ['--set-xmark', formatMark(data.xmark)],
  listing: (cursor): MarkTarget | null => {
    if (!cursor.accept('MARK')) return null;
    const verb = cursor.take();
    const value = parseMark(cursor.take() ?? '');
    if (value === null) return null;
    switch (verb) {
      case 'set':
      case 'xset':
        return { xmark: value };
      case 'and':
        return { xmark: { value: 0, mask: ~value.value >>> 0 } };
      case 'or':
        return { xmark: { value: value.value, mask: value.value } };
      case 'xor':
        return { xmark: { value: value.value, mask: 0 } };
      default:
        return null;
    }
  },
  apply: (data, { skb }) => {
    const marked = draftSkb(skb);
    marked.mark = setXmark(skb.mark, data.xmark);
    return { kind: 'continue', skb: marked };
  },
});

function asXmark<T>(given: Given<T> | undefined, convert: (value: T) => Mark): Mark | null {
  return given === undefined ? null : convert(given.value);
}
