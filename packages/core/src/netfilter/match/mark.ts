/** `-m mark`: the packet's firewall mark. iptables-extensions(8); net/netfilter/xt_mark.c. */
import { formatShortMark, type Mark, markMatches, parseMark } from '../../inet/mark.js';
import { inverted } from '../../tri.js';
import { defineMatch, negatable, refuse } from '../extension.js';
import { mark as markValue, printed } from '../value.js';

export interface MarkMatch {
  readonly mark: Mark;
  readonly invert: boolean;
}

export const mark = defineMatch({
  name: 'mark',
  families: [4, 6],
  options: { mark: negatable(markValue) },
  build: (given) =>
    given.mark === undefined ? refuse('--mark is missing') : { mark: given.mark.value, invert: given.mark.invert },
  save: (data: MarkMatch) => printed('--mark', [formatShortMark(data.mark)], data.invert),
  listing: (cursor): MarkMatch | null => {
    const at = cursor.at;
    const invert = cursor.accept('mark', 'match', '!');
    const value = invert || cursor.accept('mark', 'match') ? parseMark(cursor.take() ?? '') : null;
    if (value !== null) return { mark: value, invert };
    cursor.reset(at);
    return null;
  },
  pins: (data) => (data.invert ? [] : [{ kind: 'mark', value: data.mark.value, mask: data.mark.mask }]),
  test: (data, { skb }) => inverted(markMatches(skb.mark, data.mark), data.invert),
});
