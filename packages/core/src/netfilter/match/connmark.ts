/** `-m connmark`: the mark of the connection. iptables-extensions(8); net/netfilter/xt_connmark.c. */

import { formatShortMark, fwmarkMatches, type Mark, markMatches, parseMark } from '../../inet/mark.js';
import type { ConnTemplate } from '../../packet/skb.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, refuse } from '../extension.js';
import { mark as markValue, printed } from '../value.js';

export interface ConnmarkMatch {
  readonly mark: Mark;
  readonly invert: boolean;
}

export const connmark = defineMatch({
  name: 'connmark',
  families: [4, 6],
  options: { mark: negatable(markValue) },
  build: (given) =>
    given.mark === undefined ? refuse('--mark is missing') : { mark: given.mark.value, invert: given.mark.invert },
  save: (data: ConnmarkMatch) => printed('--mark', [formatShortMark(data.mark)], data.invert),
  listing: (cursor): ConnmarkMatch | null => {
    const at = cursor.at;
    const invert = cursor.accept('connmark', 'match', '!');
    const value = invert || cursor.accept('connmark', 'match') ? parseMark(cursor.take() ?? '') : null;
    if (value !== null) return { mark: value, invert };
    cursor.reset(at);
    return null;
  },
  // A packet without a connection has no such mark, and so not a different one either.
  test: (data, { skb }): Tri => {
    if (skb.ct !== null) return markMatches(skb.ct.mark, data.mark) !== data.invert;
    return skb.template === undefined ? false : templateHolds(skb.template, data);
  },
});

/** What is known of the template's mark may be enough. */
function templateHolds({ mark: { value, mask } }: ConnTemplate, { mark, invert }: ConnmarkMatch): Tri {
  const shared = { value: (mark.value & mask) >>> 0, mask: (mark.mask & mask) >>> 0 };
  if (!fwmarkMatches(value, shared) || (mark.value & ~mark.mask) !== 0) return invert;
  return shared.mask === mark.mask ? !invert : unknown('what CONNMARK has put on the template of a CT rule');
}
