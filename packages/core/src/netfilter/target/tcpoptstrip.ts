/** `-j TCPOPTSTRIP`: blanks options of the TCP header. iptables-extensions(8); net/netfilter/xt_TCPOPTSTRIP.c. */

import { parseUint32 } from '../../inet/decimal.js';
import { isCut, lacksOptions } from '../../packet/cut.js';
import { alter } from '../../packet/skb.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { pick, word } from '../value.js';

export interface TcpoptstripTarget {
  /** Option kinds in ascending order. */
  readonly options: readonly number[];
}

const names: Readonly<Record<string, number>> = {
  mss: 2,
  wscale: 3,
  'sack-permitted': 4,
  sack: 5,
  timestamp: 8,
  md5: 19,
};

const optionList = word('option[,…]', readOptions, (choose) =>
  Array.from({ length: 1 + choose(4) }, () => pick(choose, ['2', '0x10', '255', '100', ...Object.keys(names)])).join(
    ',',
  ),
);

function readOptions(text: string): readonly number[] | Refusal {
  const options = new Set<number>();
  for (const part of text.split(',')) {
    const value = (Object.hasOwn(names, part) ? names[part] : undefined) ?? parseUint32(part);
    if (value === null || value === undefined || value > 255) return refuse(`"${part}" is no TCP option`);
    if (value < 2) return refuse('options 0 and 1 pad the header');
    if (options.has(value)) return refuse(`option ${part} stands twice`);
    options.add(value);
  }
  return [...options].sort((x, y) => x - y);
}

export const tcpoptstrip = defineTarget({
  name: 'TCPOPTSTRIP',
  families: [4, 6],
  protos: [6],
  tables: ['mangle'],
  options: { 'strip-options': option(optionList) },
  build: (given): TcpoptstripTarget => ({ options: given['strip-options']?.value ?? [] }),
  save: ({ options }) => (options.length === 0 ? [] : ['--strip-options', options.join(',')]),
  listing: (cursor): TcpoptstripTarget | null => {
    const options = cursor.accept('TCPOPTSTRIP', 'options') ? readOptions(cursor.take() ?? '') : [];
    return 'refused' in options ? null : { options };
  },
  apply: ({ options }, { skb }) => {
    if (isCut(skb) || lacksOptions(skb)) return { kind: 'drop' };
    if (skb.tcp === null || !options.includes(2)) return { kind: 'continue', skb };
    const { openMss = false, ...header } = skb.tcp;
    if (header.mss === null && !openMss) return { kind: 'continue', skb };
    return { kind: 'continue', skb: alter(skb, { tcp: { ...header, mss: null, stripped: true }, body: undefined }) };
  },
});
