/** TCP's state machine as conntrack runs it. net/netfilter/nf_conntrack_proto_tcp.c; test/kernel/conntrack-tcp.kernel.test.ts asks the kernel for each cell. */
import { tcpFlag } from '../packet/skb.js';

/** As `conntrack -L` prints them. Older tools call SYN_SENT2 LISTEN. */
export const tcpStates = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
] as const;

export type TcpState = (typeof tcpStates)[number];

const kinds = ['SYN', 'SYN,ACK', 'FIN', 'ACK', 'RST'] as const;

/** `-`: the state stays. `!`: no packet of this connection. `new`: the old connection is forgotten and another one begins. */
type Move = TcpState | '-' | '!' | 'new' | 'new?';

type Moves = readonly [Move, Move, Move, Move, Move];

/** By state: what SYN, SYN,ACK, FIN, ACK and RST do in the original direction, and in the other one. */
const machine: Readonly<Record<TcpState, readonly [original: Moves, reply: Moves]>> = {
  NONE: [
    ['SYN_SENT', '!', '!', 'ESTABLISHED', '!'],
    ['!', '!', '!', '!', '!'],
  ],
  SYN_SENT: [
    ['-', '!', '!', '!', 'CLOSE'],
    ['SYN_SENT2', 'SYN_RECV', '!', '-', 'CLOSE'],
  ],
  SYN_RECV: [
    ['-', '-', 'FIN_WAIT', 'ESTABLISHED', 'CLOSE'],
    ['!', '-', 'FIN_WAIT', '-', 'CLOSE'],
  ],
  ESTABLISHED: [
    ['-', '!', 'FIN_WAIT', '-', 'CLOSE'],
    ['!', '-', 'FIN_WAIT', '-', 'CLOSE'],
  ],
  FIN_WAIT: [
    ['-', '!', 'LAST_ACK', 'CLOSE_WAIT', 'CLOSE'],
    ['!', '-', 'LAST_ACK', 'CLOSE_WAIT', 'CLOSE'],
  ],
  CLOSE_WAIT: [
    ['-', '!', 'LAST_ACK', '-', 'CLOSE'],
    ['!', '-', 'LAST_ACK', '-', 'CLOSE'],
  ],
  LAST_ACK: [
    ['-', '!', '-', 'TIME_WAIT', 'CLOSE'],
    ['!', '-', '-', 'TIME_WAIT', 'CLOSE'],
  ],
  TIME_WAIT: [
    ['new', '!', '-', '-', 'CLOSE'],
    ['new', '-', '-', '-', 'CLOSE'],
  ],
  CLOSE: [
    ['new?', '!', '-', '-', '-'],
    ['!', '-', '-', '-', '-'],
  ],
  SYN_SENT2: [
    ['-', 'SYN_RECV', '!', '!', 'CLOSE'],
    ['-', 'SYN_RECV', '!', '-', 'CLOSE'],
  ],
};

/** RST counts before SYN, SYN before FIN, FIN before ACK; null: none of them is set. */
function kindOf(flags: number): number | null {
  if (flags & tcpFlag.RST) return kinds.indexOf('RST');
  if (flags & tcpFlag.SYN) return kinds.indexOf(flags & tcpFlag.ACK ? 'SYN,ACK' : 'SYN');
  if (flags & tcpFlag.FIN) return kinds.indexOf('FIN');
  return flags & tcpFlag.ACK ? kinds.indexOf('ACK') : null;
}

/** Whatever else is set, a segment has one of these combinations of SYN, RST, FIN, ACK and URG, or it is none. */
const sound: ReadonlySet<number> = new Set([
  tcpFlag.SYN,
  tcpFlag.SYN | tcpFlag.URG,
  tcpFlag.SYN | tcpFlag.ACK,
  tcpFlag.RST,
  tcpFlag.RST | tcpFlag.ACK,
  tcpFlag.FIN | tcpFlag.ACK,
  tcpFlag.FIN | tcpFlag.ACK | tcpFlag.URG,
  tcpFlag.ACK,
  tcpFlag.ACK | tcpFlag.URG,
]);

const regarded = tcpFlag.SYN | tcpFlag.RST | tcpFlag.FIN | tcpFlag.ACK | tcpFlag.URG;

export type TcpMove =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'state'; readonly state: TcpState }
  /** `certain` false: only if the side that sends now had ended the old connection, and nothing tells. */
  | { readonly kind: 'reopened'; readonly certain: boolean };

/** What a segment does to a connection in that state. Its sequence numbers are taken to be in order. */
export function moveTcp(state: TcpState, direction: 'original' | 'reply', flags: number): TcpMove {
  const kind = kindOf(flags);
  if (kind === null || !sound.has(flags & regarded)) return { kind: 'invalid' };
  const move = machine[state][direction === 'original' ? 0 : 1][kind] ?? '!';
  switch (move) {
    case '!':
      return { kind: 'invalid' };
    case '-':
      return { kind: 'state', state };
    case 'new':
    case 'new?':
      return { kind: 'reopened', certain: move === 'new' };
    default:
      return { kind: 'state', state: move };
  }
}

export function tcpStateNamed(name: string | null): TcpState | null {
  if (name === 'LISTEN') return 'SYN_SENT2';
  return tcpStates.find((state) => state === name) ?? null;
}
