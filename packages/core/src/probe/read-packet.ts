/** The packet that a probe describes, with the defaults for what it does not say. docs/probe.md. */
import type { Family, Ip } from '../inet/ip.js';
import { proto } from '../inet/proto.js';
import { isExtension } from '../packet/extension-headers.js';
import { hasPorts } from '../packet/layout.js';
import { type IcmpHeader, type QuotedPacket, tcpFlag, type Unaltered } from '../packet/skb.js';
import type { ProbePacket } from './question.js';
import { readFamily } from './read-family.js';
import { type Fields, fieldsOf } from './read-fields.js';

/** `entering`: it comes from outside, so its source must be told. */
export function readPacket(fields: Fields, entering: boolean): ProbePacket | null {
  const family = readFamily(fields);
  const dst = fields.ip('dst', family) ?? fields.refuse('"dst" is missing');
  const src = fields.ip('src', family);
  const named = fields.proto('proto') ?? fields.refuse('"proto" is missing');
  if (entering && src === null) fields.refuse('"src" is missing');
  if (dst === null || named === null) return null;
  const fragment = readFragment(fields);
  const headless = fragment !== null && fragment.offset > 0;
  const carried = isExtension(dst.family, named.number) && !headless;
  const next = carried ? fields.proto('next_header') : null;
  const upper = next ?? named;
  const ported = hasPorts(upper.number) && !headless;
  const dport = ported ? (fields.number('dport', 65535) ?? fields.refuse('"dport" is missing')) : null;
  return {
    family: dst.family,
    src,
    dst,
    proto: upper.number,
    extensions: carried ? (next === null ? null : [named.number]) : [],
    protoWord: named.word,
    sport: ported ? fields.number('sport', 65535) : null,
    dport,
    tcpFlags: fields.tcpFlags('tcp_flags') ?? tcpFlag.SYN,
    icmp: isIcmp(upper.number, dst.family) && !headless ? readIcmp(fields, dst.family) : null,
    mark: fields.number('mark', 0xffffffff) ?? 0,
    ttl: fields.number('ttl', 255) ?? 64,
    tos: fields.number('tos', 255) ?? 0,
    length: fields.number('length', 65535),
    payload: fields.number('payload', 65535) ?? 0,
    srcMac: fields.mac('src_mac'),
    dstMac: fields.mac('dst_mac'),
    fragment,
    body: fields.bytes('frag_body'),
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
    type: fields.number('icmp_type', 255) ?? (family === 4 ? 8 : 128),
    code: fields.number('icmp_code', 255) ?? 0,
    id: fields.number('icmp_id', 65535),
  };
}

function readUnaltered(fields: Fields): Unaltered | null {
  if (!['ip_id', 'df', 'flow_label'].some((name) => fields.has(name))) return null;
  return {
    id: fields.number('ip_id', 65535),
    df: fields.has('df') ? fields.flag('df') : null,
    flowLabel: fields.number('flow_label', 0xfffff),
  };
}

const mostOffset = 8191;

function readFragment(fields: Fields): ProbePacket['fragment'] {
  const offset = fields.number('frag_off', mostOffset) ?? 0;
  const more = fields.flag('mf');
  return offset === 0 && !more ? null : { offset, more };
}

/** `inner`: the packet an ICMP error quotes. */
function readQuoted(fields: Fields, family: Family): QuotedPacket | null {
  const object = fields.object('inner');
  if (object === null) return null;
  const inner = fieldsOf(object, 'inner.');
  const quoted = quotedPacket(inner, family);
  const problem = inner.problem();
  return problem === null ? quoted : fields.refuse(problem);
}

function quotedPacket(inner: Fields, family: Family): QuotedPacket | null {
  const needed = (name: string): Ip | null => inner.ip(name, family) ?? inner.refuse(`"inner.${name}" is missing`);
  const src = needed('src');
  const dst = needed('dst');
  const upper = inner.proto('proto') ?? inner.refuse('"inner.proto" is missing');
  if (src === null || dst === null || upper === null) return null;
  const ported = hasPorts(upper.number);
  return {
    src,
    dst,
    proto: upper.number,
    sport: ported ? inner.number('sport', 65535) : null,
    dport: ported ? inner.number('dport', 65535) : null,
    icmp: isIcmp(upper.number, family) ? readIcmp(inner, family) : null,
  };
}
