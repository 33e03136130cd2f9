/** `-m tcp`: ports, flags and options of TCP. iptables-extensions(8); net/netfilter/xt_tcpudp.c. */
import { endsBefore, headerSize, lacksOptions } from '../../packet/cut.js';
import { isLaterFragment } from '../../packet/extension-headers.js';
import { type Skb, tcpFlag } from '../../packet/skb.js';
import type { XtablesVariant } from '../../snapshot/xtables.js';
import { and, inverted, type Tri, unknown } from '../../tri.js';
import { type Choose, defineMatch, isRefusal, negatable, type Refusal, refuse, type ValueType } from '../extension.js';
import { readListedPorts } from '../listed-ports.js';
import type { ListingCursor } from '../listing-cursor.js';
import { pinNumber } from '../pin.js';
import { flag, integer, pick, portRange, printed } from '../value.js';
import { fragmentPortsPass, pinPorts, portsPass } from './both-ports.js';
import { fragmentFlags } from './fragment-header.js';
import { mergedPorts } from './merged-ports.js';
import { hasOption } from './tcp-options.js';
import { lostPorts, type PortTest, portInNft, portTest, samplePorts, savePort } from './udp.js';

/** Of the flags under `mask`, exactly those of `comp` are set. */
export interface FlagTest {
  readonly mask: number;
  readonly comp: number;
  readonly invert: boolean;
}

export interface TcpMatch {
  readonly sport: PortTest | null;
  readonly dport: PortTest | null;
  readonly flags: FlagTest | null;
  /** Kind number of a TCP option that must be present. */
  readonly option: { readonly number: number; readonly invert: boolean } | null;
}

/** In the order in which the tools print them; they know neither ECE nor CWR. */
const names = [
  ['FIN', tcpFlag.FIN],
  ['SYN', tcpFlag.SYN],
  ['RST', tcpFlag.RST],
  ['PSH', tcpFlag.PSH],
  ['ACK', tcpFlag.ACK],
  ['URG', tcpFlag.URG],
] as const;
const allFlags = 0x3f;
const synMask = tcpFlag.FIN | tcpFlag.SYN | tcpFlag.RST | tcpFlag.ACK;

const flagPair: ValueType<Omit<FlagTest, 'invert'>> = {
  name: 'mask comp',
  words: 2,
  read: ([mask = '', comp = '']) => {
    const under = readFlags(mask);
    const set = readFlags(comp);
    if (isRefusal(under)) return under;
    return isRefusal(set) ? set : { mask: under, comp: set };
  },
  sample: (choose) => [sampleFlags(choose), pick(choose, ['NONE', 'ALL', 'SYN', 'ACK,FIN', 'rst'])],
};

function sampleFlags(choose: Choose): string {
  return pick(choose, ['ALL', 'SYN', 'SYN,RST,ACK', 'URG,PSH', 'FIN,SYN,RST,PSH,ACK,URG', 'fin,ack']);
}

function readFlags(text: string): number | Refusal {
  let flags = 0;
  for (const part of text.split(',')) {
    const upper = part.toUpperCase();
    const bit = upper === 'ALL' ? allFlags : names.find(([name]) => name === upper)?.[1];
    if (bit !== undefined) flags |= bit;
    else if (upper !== 'NONE' && upper !== '') return refuse(`"${part}" is no TCP flag`);
  }
  return flags;
}

function formatFlags(flags: number): string {
  const set = names.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
  return set.length === 0 ? 'NONE' : set.join(',');
}

/** The definition; ports, flags and option are null where the rule does not test them. */
export const tcp = defineMatch({
  name: 'tcp',
  families: [4, 6],
  protos: [6],
  options: {
    sport: negatable(portRange, { aliases: ['source-port'] }),
    dport: negatable(portRange, { aliases: ['destination-port'] }),
    'tcp-flags': negatable(flagPair),
    syn: negatable(flag),
    'tcp-option': negatable(integer('number', 1, 255)),
  },
  build: (given): TcpMatch | Refusal => {
    const pair = given['tcp-flags'];
    const option = given['tcp-option'];
    if (given.syn !== undefined && pair !== undefined) return refuse('only one of --syn and --tcp-flags can be given');
    const syn = given.syn && { mask: synMask, comp: tcpFlag.SYN, invert: given.syn.invert };
    return {
      sport: portTest(given.sport),
      dport: portTest(given.dport),
      flags: syn ?? (pair === undefined ? null : flagTest({ ...pair.value, invert: pair.invert })),
      option: option === undefined ? null : { number: option.value, invert: option.invert },
    };
  },
  sample: (choose, cx) => [
    ...samplePorts(choose, cx),
    ...(choose(3) === 0 ? printed('--tcp-flags', flagPair.sample(choose, cx), choose(3) === 0) : []),
    ...(choose(4) === 0 ? printed('--tcp-option', [pick(choose, ['1', '2', '255'])], choose(3) === 0) : []),
  ],
  native: {
    is: (data: TcpMatch) => isNative(data, 'nft'),
    merge: (earlier: TcpMatch, later: TcpMatch): TcpMatch => ({
      sport: mergedPorts(earlier.sport, later.sport),
      dport: mergedPorts(earlier.dport, later.dport),
      flags: mergedFlags(earlier.flags, later.flags),
      option: null,
    }),
  },
  loses: (data, { variant }) => lostPorts(data.sport, data.dport) ?? lostFlags(data, variant ?? 'legacy'),
  save: (data, { variant }) => {
    const native = isNative(data, variant);
    return [
      ...savePort('--sport', data.sport, native),
      ...savePort('--dport', data.dport, native),
      ...(data.option === null ? [] : printed('--tcp-option', [`${data.option.number}`], data.option.invert)),
      ...saveFlags(data.flags, native),
    ];
  },
  listing: (cursor): TcpMatch | null => {
    if (!cursor.accept('tcp')) return null;
    const { sport, dport } = readListedPorts(cursor);
    const option = readListedOption(cursor);
    return { sport, dport, flags: readListedFlags(cursor), option };
  },
  pins: (data) => [pinNumber('proto', [{ first: 6, last: 6 }]), ...pinPorts(data)],
  drops: (given, { skb, variant }) => {
    if (skb.proto !== 6 || isNative(given, variant)) return false;
    return (
      (skb.family === 4 && skb.fragment?.offset === 1) || endsBefore(skb, headerSize.tcp) || failsToRead(given, skb)
    );
  },
  test: (given, { skb, variant }): Tri => {
    if (skb.proto !== 6) return false;
    const native = isNative(given, variant);
    const data = native ? comparedInNft(given) : given;
    if (isLaterFragment(skb)) return native && fragmentPasses(data, skb);
    if (!native && endsBefore(skb, headerSize.tcp)) return false;
    const ports = portsPass(data, skb, native);
    return ports === false ? false : and(ports, headerPasses(data, skb));
  },
});

/** Where the byte of flags ends. */
const flagsEnd = 14;

/** Options that are looked for last of all. net/netfilter/xt_tcpudp.c tcp_mt. */
function failsToRead({ option, ...before }: TcpMatch, skb: Skb): boolean {
  if (option === null || !lacksOptions(skb) || portsPass(before, skb, false) !== true) return false;
  return headerPasses({ ...before, option: null }, skb) === true;
}

function headerPasses(data: TcpMatch, skb: Skb): Tri {
  if (skb.tcp === null) return data.flags === null && data.option === null;
  const flags = data.flags;
  if (flags !== null && endsBefore(skb, flagsEnd)) return false;
  if (flags !== null && ((skb.tcp.flags & flags.mask) === flags.comp) === flags.invert) return false;
  if (data.option === null) return true;
  if (lacksOptions(skb)) return false;
  const carries = hasOption(data.option.number, skb, skb.tcp);
  return carries === null
    ? unknown(`whether TCP option ${data.option.number} is set is not told`)
    : inverted(carries, data.option.invert);
}

/** No flags under the mask and none wanted: always true, and so the kernel keeps nothing of it. */
function flagTest(test: FlagTest): FlagTest | null {
  return test.mask === 0 && test.comp === 0 && !test.invert ? null : test;
}

/** iptables-nft makes nothing of a test of every port, or of no flags. */
function comparedInNft({ sport, dport, flags, option }: TcpMatch): TcpMatch {
  return { sport: portInNft(sport), dport: portInNft(dport), flags: flags?.mask === 0 ? null : flags, option };
}

function fragmentPasses({ sport, dport, flags }: TcpMatch, skb: Skb): Tri {
  const passes = fragmentPortsPass({ sport, dport }, skb);
  return flags === null ? passes : and(passes, fragmentFlags(flags, skb));
}

/** iptables-nft makes ports and flags expressions of its own; with an option to look for, or nothing at all, it keeps the xtables match. */
function isNative(data: TcpMatch, variant: XtablesVariant): boolean {
  const { sport, dport, flags, option } = data;
  return variant === 'nft' && option === null && (sport !== null || dport !== null || flags !== null);
}

/** A test of no flags is not printed, unless it is a negated one of the xtables match. */
function saveFlags(test: FlagTest | null, native: boolean): readonly string[] {
  if (test === null || (test.mask === 0 && (native || !test.invert))) return [];
  return printed('--tcp-flags', [formatFlags(test.mask), formatFlags(test.comp)], test.invert);
}

function lostFlags(data: TcpMatch, variant: XtablesVariant): string | null {
  const lost = data.flags !== null && saveFlags(data.flags, isNative(data, variant)).length === 0;
  return lost ? 'a test of flags that no packet passes' : null;
}

/** The later flags take the place of the earlier ones; a "!" of either stays; a mask without flags leaves nothing behind. */
function mergedFlags(earlier: FlagTest | null, later: FlagTest | null): FlagTest | null {
  if (earlier === null || later === null) return later ?? earlier;
  if (earlier.mask === 0 || later.mask === 0) return later.mask === 0 ? earlier : later;
  return { ...later, invert: earlier.invert || later.invert };
}

function readListedOption(cursor: ListingCursor): TcpMatch['option'] {
  const value = cursor.acceptPrefix('option=');
  if (value === null) return null;
  const invert = value.startsWith('!');
  return { number: Number.parseInt(invert ? value.slice(1) : value, 10), invert };
}

function readListedFlags(cursor: ListingCursor): FlagTest | null {
  const value = cursor.acceptPrefix('flags:');
  if (value === null) return null;
  const invert = value.startsWith('!');
  const [mask = '', comp = ''] = (invert ? value.slice(1) : value).split('/').map(readListedSet);
  return typeof mask === 'number' && typeof comp === 'number' ? flagTest({ mask, comp, invert }) : null;
}

/** `0x17` with -n, names without. */
function readListedSet(text: string): number | string {
  if (text.startsWith('0x')) return Number.parseInt(text, 16);
  const flags = readFlags(text);
  return isRefusal(flags) ? text : flags;
}
