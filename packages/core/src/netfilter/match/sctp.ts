/** `-m sctp`: ports and chunks of SCTP. iptables-extensions(8); net/netfilter/xt_sctp.c, iptables extensions/libxt_sctp.c. */
import type { PortRange } from '../../inet/port.js';
import { endsBefore, headerSize } from '../../packet/cut.js';
import type { Skb } from '../../packet/skb.js';
import { inverted, type Tri, unknown } from '../../tri.js';
import { defineMatch, type Given, negatable, type Refusal, refuse } from '../extension.js';
import { readListedPorts } from '../listed-ports.js';
import { formatPorts, pick, printed, word } from '../value.js';
import { portPasses } from './both-ports.js';
import { readIntegerRange } from './integer-range.js';
import { testChunks } from './sctp-carried.js';
import { type ChunkTest, chunkTypes, readListedChunks, saveChunks } from './sctp-chunks.js';
import type { PortTest } from './udp.js';

export interface SctpMatch {
  readonly sport: PortTest | null;
  readonly dport: PortTest | null;
  readonly chunks: (ChunkTest & { readonly invert: boolean }) | null;
}

/** Numbers only: no service has a name for SCTP on an ordinary system. */
const ports = word(
  'port[:port]',
  (value): PortRange | Refusal => {
    const range = readIntegerRange(value, 65535);
    if (range === null) return refuse(`"${value}" is neither a port number nor a range of them`);
    return range.first > range.last ? refuse(`port range ${value} runs backwards`) : range;
  },
  (choose) => {
    const first = choose(60000);
    return pick(choose, [`${first}`, `${first}:${first + 9}`, `:${first}`, `${first}:`, '0:65535', '0x50']);
  },
);

export const sctp = defineMatch({
  name: 'sctp',
  families: [4, 6],
  protos: [132],
  options: {
    sport: negatable(ports, { aliases: ['source-port'] }),
    dport: negatable(ports, { aliases: ['destination-port'] }),
    'chunk-types': negatable(chunkTypes),
  },
  build: (given): SctpMatch => {
    const chunks = given['chunk-types'];
    return {
      sport: portTest(given.sport),
      dport: portTest(given.dport),
      chunks: chunks === undefined ? null : { ...chunks.value, invert: chunks.invert },
    };
  },
  save: (data) => [
    ...savePorts('--sport', data.sport),
    ...savePorts('--dport', data.dport),
    ...(data.chunks === null ? [] : printed('--chunk-types', saveChunks(data.chunks), data.chunks.invert)),
  ],
  listing: (cursor): SctpMatch | null => {
    if (!cursor.accept('sctp')) return null;
    return { ...readListedPorts(cursor), chunks: readListedChunks(cursor) };
  },
  drops: (data, { skb }) =>
    skb.proto === 132 &&
    (endsBefore(skb, headerSize.sctp) ||
      (portsPass(data, skb) && data.chunks !== null && testChunks(data.chunks, skb) === 'malformed')),
  test: (data, { skb, variant }): Tri => {
    if (skb.proto !== 132 || endsBefore(skb, headerSize.sctp) || !portsPass(data, skb)) return false;
    if (data.chunks === null) return true;
    const passes = testChunks(data.chunks, skb);
    if (passes === null) return unknown('the chunks of the packet are not given');
    // Legacy asks for the other answer before it sees that the packet is dropped: the rule counts it.
    if (passes === 'malformed') return data.chunks.invert && variant === 'legacy';
    return inverted(passes, data.chunks.invert);
  },
});

function portsPass({ sport, dport }: SctpMatch, skb: Skb): boolean {
  return skb.sport !== null && skb.dport !== null && portPasses(sport, skb.sport) && portPasses(dport, skb.dport);
}

/** Unlike those of tcp and udp, a range of all ports is kept and printed. */
function portTest(given: Given<PortRange> | undefined): PortTest | null {
  return given === undefined ? null : { range: given.value, invert: given.invert };
}

function savePorts(name: string, test: PortTest | null): readonly string[] {
  return test === null ? [] : printed(name, [formatPorts(test.range)], test.invert);
}
