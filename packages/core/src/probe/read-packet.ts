/** The packet that a probe describes, with the defaults for what it does not say. docs/probe.md. */
import type { Family, Ip } from '../inet/ip.js';
import { proto } from '../inet/proto.js';
import { isExtension } from '../packet/extension-headers.js';
import { hasPorts } from '../packet/layout.js';
import { type IcmpHeader, type QuotedPacket, tcpFlag, type Unaltered } from '../packet/skb.js';
import type { ProbePacket } from './question.js';
import { readFamily } from './read-family.js';
import {
  bytesOf,
  type Fields,
  fieldsOf,
  flagOf,
  hasField,
  ipOf,
  macOf,
  numberOf,
  objectOf,
  protoOf,
  refuse,
  tcpFlagsOf,
} from './read-fields.js';

/** `entering`: it comes from outside, so its source must be told. */
export function readPacket(fields: Fields, entering: boolean): ProbePacket | null {
  const family = readFamily(fields);
  const dst = ipOf(fields, 'dst', family) ?? refuse(fields, '"dst" is missing');
  const src = ipOf(fields, 'src', family);
  const named = protoOf(fields, 'proto') ?? refuse(fields, '"proto" is missing');
  if (entering && src === null) refuse(fields, '"src" is missing');
  if (dst === null || named === null) return null;
  const fragment = readFragment(fields);
  const headless = fragment !== null && fragment.offset > 0;
  const carried = isExtension(dst.family, named.number) && !headless;
  const next = carried ? protoOf(fields, 'next_header') : null;
  const upper = next ?? named;
  const ported = hasPorts(upper.number) && !headless;
  const dport = ported ? (numberOf(fields, 'dport', 65535) ?? refuse(fields, '"dport" is missing')) : null;
  return {
    family: dst.family,
    src,
    dst,
    proto: upper.number,
    extensions: carried ? (next === null ? null : [named.number]) : [],
    protoWord: named.word,
    sport: ported ? numberOf(fields, 'sport', 65535) : null,
    dport,
    tcpFlags: tcpFlagsOf(fields, 'tcp_flags') ?? tcpFlag.SYN,
    icmp: isIcmp(upper.number, dst.family) && !headless ? readIcmp(fields, dst.family) : null,
    mark: numberOf(fields, 'mark', 0xffffffff) ?? 0,
    ttl: numberOf(fields, 'ttl', 255) ?? 64,
    tos: numberOf(fields, 'tos', 255) ?? 0,
    length: numberOf(fields, 'length', 65535),
    payload: numberOf(fields, 'payload', 65535) ?? 0,
    srcMac: macOf(fields, 'src_mac'),
    dstMac: macOf(fields, 'dst_mac'),
    fragment,
    body: bytesOf(fields, 'frag_body'),
    quoted: readQuoted(fields, dst.family),
    unaltered: readUnaltered(fields),
  };
}

function isIcmp(upper: number, family: Family): boolean {
  return upper === (family === 4 ? proto.icmp : proto.icmpv6);
}

/** An echo request, unless told otherwise. */
function readIcmp(fields: Fields, family: Family): IcmpHeader {
  return {
    type: numberOf(fields, 'icmp_type', 255) ?? (family === 4 ? 8 : 128),
    code: numberOf(fields, 'icmp_code', 255) ?? 0,
    id: numberOf(fields, 'icmp_id', 65535),
  };
}

function readUnaltered(fields: Fields): Unaltered | null {
  if (!['ip_id', 'df', 'flow_label'].some((name) => hasField(fields, name))) return null;
  return {
    id: numberOf(fields, 'ip_id', 65535),
    df: hasField(fields, 'df') ? flagOf(fields, 'df') : null,
    flowLabel: numberOf(fields, 'flow_label', 0xfffff),
  };
}

const mostOffset = 8191;

function readFragment(fields: Fields): ProbePacket['fragment'] {
  const offset = numberOf(fields, 'frag_off', mostOffset) ?? 0;
  const more = flagOf(fields, 'mf');
  return offset === 0 && !more ? null : { offset, more };
}

/** `inner`: the packet an ICMP error quotes. */
function readQuoted(fields: Fields, family: Family): QuotedPacket | null {
  const object = objectOf(fields, 'inner');
  if (object === null) return null;
  const inner = fieldsOf(object, 'inner.');
  const quoted = quotedPacket(inner, family);
  const problem = inner.problem;
  return problem === null ? quoted : refuse(fields, problem);
}

function quotedPacket(inner: Fields, family: Family): QuotedPacket | null {
  const needed = (name: string): Ip | null => ipOf(inner, name, family) ?? refuse(inner, `"inner.${name}" is missing`);
  const src = needed('src');
  const dst = needed('dst');
  const upper = protoOf(inner, 'proto') ?? refuse(inner, '"inner.proto" is missing');
  if (src === null || dst === null || upper === null) return null;
  const ported = hasPorts(upper.number);
  return {
    src,
    dst,
    proto: upper.number,
    sport: ported ? numberOf(inner, 'sport', 65535) : null,
    dport: ported ? numberOf(inner, 'dport', 65535) : null,
    icmp: isIcmp(upper.number, family) ? readIcmp(inner, family) : null,
  };
}
