/** Packets of every protocol that a match looks into, as bytes and as the fields that matches are asked about. RFC 791, 8200, 9293, 768, 792, 4443. */
import type { Family } from '@coldtrace/core';
import type { PacketFields } from '../../packages/core/src/netfilter/match/testing.js';
import type { Prng } from '../bench/prng.js';

export interface SamplePacket {
  readonly fields: PacketFields;
  /** Bytes behind the IP header and, for IPv6, the fragment header. */
  readonly payload: readonly number[];
}

const udp = 17;
const tcp = 6;
const dccp = 33;
const sctp = 132;
const udplite = 136;
const esp = 50;
const ah = 51;
const ipcomp = 108;
/** SYN, SYN+ACK, none, all, FIN+PSH+URG, CWR+ECE+SYN, ACK+ECE, RST. */
const flagSets = [2, 18, 0, 63, 0x29, 0xc2, 0x50, 4];
const portPairs = [
  [0, 53],
  [65535, 80],
  [5, 65535],
  [40000, 443],
] as const;
const messages = {
  4: [
    [8, 0],
    [3, 3],
    [0, 0],
    [11, 0],
    [42, 7],
  ],
  6: [
    [128, 0],
    [1, 4],
    [255, 0],
    [2, 0],
    [135, 0],
  ],
} as const;

const zeros = (count: number): readonly number[] => Array.from({ length: count }, () => 0);
const uint16 = (value: number): readonly number[] => [value >> 8, value & 255];

export function samplePackets(family: Family, random: Prng): readonly SamplePacket[] {
  const whole = [
    ...portPairs.flatMap(([sport, dport]) => withPorts(sport, dport)),
    ...icmpMessages(family),
    ...ipsec(),
  ];
  const fragments = whole.filter(({ fields }, index) => index % 5 === 0 && fields.proto !== ah);
  return [...whole, ...fragments.flatMap((one) => fragmentsOf(one, random))].map(({ fields, payload }) => ({
    fields: {
      ...fields,
      family,
      ttl: random.pick([1, 5, 64, 255]),
      tos: random.pick([0, 0xb8, 3, 0x10, 0xbb, 1]),
    },
    payload,
  }));
}

function withPorts(sport: number, dport: number): readonly SamplePacket[] {
  const ports = [...uint16(sport), ...uint16(dport)];
  const plain = (proto: number, rest: readonly number[]): SamplePacket => ({
    fields: { proto, sport, dport },
    payload: [...ports, ...rest],
  });
  const withOptions = (options: readonly number[]): SamplePacket => ({
    fields: { proto: tcp, sport, dport, tcp: { flags: 2, mss: options.includes(2) ? 1460 : null, plain: false } },
    payload: [...ports, 0, 0, 0, 1, ...zeros(4), 0x50 + options.length * 4, 2, 16, ...zeros(5), ...options],
  });
  return [
    plain(udp, [0, 8, 0, 0]),
    ...flagSets.map((flags): SamplePacket => {
      const mss = flags === 2 ? 1460 : null;
      const offset = mss === null ? 0x50 : 0x60;
      const options = mss === null ? [] : [2, 4, ...uint16(mss)];
      return {
        fields: { proto: tcp, sport, dport, tcp: { flags, mss } },
        payload: [...ports, 0, 0, 0, 1, ...zeros(4), offset, flags, 16, ...zeros(5), ...options],
      };
    }),
    ...dccpTypes.map((type) => plain(dccp, [4, 0, 0, 0, type << 1, 0, 0, 1, ...zeros(4)])),
    ...chunkLists.map((chunks) => plain(sctp, [...zeros(8), ...chunks])),
    ...optionLists.map(withOptions),
    plain(udplite, zeros(4)),
  ];
}

const dccpTypes = [2, 0, 9, 12];
/** SPIs, and CPIs in their last two bytes. */
const identifications = [
  [0, 0, 0, 5],
  [0, 0, 0, 10],
  [255, 255, 255, 255],
] as const;
/** DATA, INIT, DATA with all its flags and padding, ABORT with T and SACK. */
const chunkLists = [
  [0, 0, 0, 4],
  [1, 0, 0, 4],
  [0, 15, 0, 5, 9, 0, 0, 0, 3, 0, 0, 4],
  [6, 1, 0, 4, 3, 0, 0, 4],
] as const;
/** Gaps, an MSS between them, and the end of the list. */
const optionLists = [
  [1, 1, 1, 0],
  [1, 1, 255, 2, 2, 4, 5, 0xb4],
] as const;

function icmpMessages(family: Family): readonly SamplePacket[] {
  return messages[family].map(([type, code]) => ({
    fields: { proto: family === 4 ? 1 : 58, sport: null, dport: null, icmp: { type, code, id: 1 } },
    payload: [type, code, 0, 0, 0, 1, 0, 1],
  }));
}

function ipsec(): readonly SamplePacket[] {
  return [esp, ah, ipcomp].flatMap((proto) =>
    identifications.map((id) => ({
      fields: { proto, sport: null, dport: null },
      payload: [proto === ah ? udp : 0, 4, 0, 5, ...id, 0, 0, 0, 1, ...zeros(12)],
    })),
  );
}

/** A later fragment, which has no header of the upper layer, and a first one, which has. */
function fragmentsOf({ fields, payload }: SamplePacket, random: Prng): readonly SamplePacket[] {
  const later = { offset: 10, more: random.chance(0.5) };
  return [
    { fields: { ...fields, sport: null, dport: null, tcp: null, icmp: null, fragment: later }, payload },
    {
      fields: { ...fields, fragment: { offset: 0, more: true } },
      payload: [...payload, ...zeros(40 - payload.length)],
    },
  ];
}
