/** `-m tos`: type of service of IPv4, traffic class of IPv6. iptables-extensions(8); net/netfilter/xt_dscp.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { inverted } from '../../tri.js';
import { defineMatch, isRefusal, negatable, type Refusal, refuse } from '../extension.js';
import { pick, printed, word } from '../value.js';

export interface TosMatch {
  readonly value: number;
  readonly mask: number;
  readonly invert: boolean;
}

interface Tos {
  readonly value: number;
  readonly mask: number;
}

const symbols: Readonly<Record<string, number>> = {
  'minimize-delay': 0x10,
  'maximize-throughput': 0x08,
  'maximize-reliability': 0x04,
  'minimize-cost': 0x02,
  'normal-service': 0x00,
};
/** The names leave the two bits of ECN alone. */
const symbolMask = 0x3f;

function readTos(text: string): Tos | Refusal {
  const name = text.toLowerCase();
  const symbol = Object.hasOwn(symbols, name) ? symbols[name] : undefined;
  if (symbol !== undefined) return { value: symbol, mask: symbolMask };
  const slash = text.indexOf('/');
  const value = parseUint32(text, 0, slash < 0 ? text.length : slash);
  const mask = slash < 0 ? 0xff : parseUint32(text, slash + 1);
  if (value === null || mask === null || value > 0xff || mask > 0xff) return refuse(`"${text}" is no type of service`);
  return { value, mask };
}

const tosValue = word('value[/mask]', readTos, (choose) =>
  pick(choose, ['0x10', '16/0x3f', '0/0', '8/0xff', '255', 'Minimize-Delay', 'normal-service', '7/0x07', '0x28/0xfc']),
);

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

export const tos = defineMatch({
  name: 'tos',
  families: [4, 6],
  options: { tos: negatable(tosValue) },
  build: (given): TosMatch | Refusal =>
    given.tos === undefined ? refuse('--tos is missing') : { ...given.tos.value, invert: given.tos.invert },
  save: (data) => printed('--tos', [`${hex(data.value)}/${hex(data.mask)}`], data.invert),
  /** `tos match0x10/0xff`, `tos match!0x10/0x3f`, and without -n `tos match Minimize-Delay`, `tos match! Minimize-Delay`. */
  listing: (cursor): TosMatch | null => {
    const at = cursor.at;
    const glued = cursor.accept('tos') ? cursor.acceptPrefix('match') : null;
    if (glued !== null) {
      const invert = glued.startsWith('!');
      const rest = invert ? glued.slice(1) : glued;
      const read = readTos(rest === '' ? (cursor.take() ?? '') : rest);
      if (!isRefusal(read)) return { ...read, invert };
    }
    cursor.reset(at);
    return null;
  },
  test: (data, { skb }) => inverted((skb.tos & data.mask) === data.value, data.invert),
});
