/** `-m dscp`: the differentiated services code point. iptables-extensions(8); net/netfilter/xt_dscp.c, RFC 2474, RFC 2597. */
import { parseUint32 } from '../../inet/decimal.js';
import { defineMatch, negatable, type Refusal, refuse } from '../extension.js';
import { integer, printed } from '../value.js';
import { dscpClass, formatDscp } from './dscp-class.js';

export interface DscpMatch {
  readonly dscp: number;
  readonly invert: boolean;
}

const codePoint = integer('value', 0, 63);

export const dscp = defineMatch({
  name: 'dscp',
  families: [4, 6],
  options: { dscp: negatable(codePoint), 'dscp-class': negatable(dscpClass) },
  build: (given): DscpMatch | Refusal => {
    const number = given.dscp;
    const named = given['dscp-class'];
    if (number !== undefined && named !== undefined) return refuse('--dscp and --dscp-class cannot be used together');
    const chosen = number ?? named;
    return chosen === undefined ? refuse('--dscp is missing') : { dscp: chosen.value, invert: chosen.invert };
  },
  sample: (choose, cx) =>
    choose(2) === 0
      ? printed('--dscp', codePoint.sample(choose, cx), choose(2) === 0)
      : printed('--dscp-class', dscpClass.sample(choose, cx), choose(2) === 0),
  save: (data) => printed('--dscp', [formatDscp(data.dscp)], data.invert),
  listing: (cursor): DscpMatch | null => {
    const at = cursor.at;
    if (cursor.accept('DSCP', 'match')) {
      const text = cursor.take() ?? '';
      const invert = text.startsWith('!');
      const value = parseUint32(invert ? text.slice(1) : text);
      if (value !== null) return { dscp: value, invert };
    }
    cursor.reset(at);
    return null;
  },
  test: (data, { skb }) => (skb.tos >> 2 === data.dscp) !== data.invert,
});
