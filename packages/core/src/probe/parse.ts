/** A probe from its JSON object, every field checked. Fields that nobody names here are ignored. RFC 8259. */
import type { Ip } from '../inet/ip.js';
import { isIp4Mapped, unmapped } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import type { Probe, ProbeError, ProbeId, ProbeRoute, ReplyChanges } from './question.js';
import { readFamily } from './read-family.js';
import {
  type Fields,
  fieldOf,
  fieldsOf,
  hasField,
  ipOf,
  isObject,
  numberOf,
  protoOf,
  refuse,
  tcpFlagsOf,
  textOf,
} from './read-fields.js';
import { readPacket } from './read-packet.js';

/** The probe of one line; `line` names it where it has no id that could be read. */
export function parseProbe(value: unknown, line: number): Probe | ProbeError {
  if (!isObject(value)) return { id: null, error: `the probe on line ${line} is not a JSON object` };
  const id = idOf(value['id']);
  if (id === null) return { id, error: `the probe on line ${line} has no "id" that is a text or a number` };
  const fields = fieldsOf(value);
  const probe = readKind(id, fields);
  const problem = fields.problem;
  if (probe !== null && problem === null) return probe;
  return { id, error: `probe ${id}: ${problem ?? 'not understood'}` };
}

/** The probe of one line of text. */
export function parseProbeLine(text: string, line: number): Probe | ProbeError {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { id: null, error: `the probe on line ${line} is not JSON` };
  }
  return parseProbe(value, line);
}

/** Tells a probe from what is wrong with its line. */
export function isProbe(probe: Probe | ProbeError): probe is Probe {
  return 'kind' in probe;
}

function idOf(value: unknown): ProbeId | null {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function readKind(id: ProbeId, fields: Fields): Probe | null {
  const kind = textOf(fields, 'kind');
  switch (kind) {
    case 'ingress': {
      const packet = readPacket(fields, true);
      const iif = textOf(fields, 'in_iface') ?? refuse(fields, '"in_iface" is missing');
      return packet === null || iif === null ? null : { id, kind, packet, iif };
    }
    case 'output': {
      const packet = readPacket(fields, false);
      if (packet !== null) refuseMapped(fields, packet);
      const oif = textOf(fields, 'oif');
      const uid = numberOf(fields, 'uid', 0xffffffff) ?? 0;
      return packet === null ? null : { id, kind, packet, oif, uid };
    }
    case 'routeget':
    case 'source': {
      const route = readRoute(fields);
      if (kind === 'source' && route !== null) refuseMapped(fields, route);
      return route === null ? null : { id, kind, route };
    }
    case 'reply': {
      const of = readOf(fields);
      return of === null ? null : { id, kind, of, changes: readChanges(fields) };
    }
    case null:
      return hasField(fields, 'kind') ? null : refuse(fields, '"kind" is missing');
    default:
      return refuse(fields, `"kind" is none of ingress, output, routeget, source, reply: ${kind.slice(0, 60)}`);
  }
}

/** What a socket of IPv6 sends to such an address, or from one, is IPv4, or nothing at all. */
function refuseMapped(fields: Fields, ends: { readonly src: Ip | null; readonly dst: Ip }): void {
  for (const name of ['dst', 'src'] as const) {
    const ip = ends[name];
    if (ip !== null && isIp4Mapped(ip))
      refuse(
        fields,
        `"${name}" is an IPv4 address in IPv6 clothes, by which a socket speaks IPv4: ask about ${formatIp(unmapped(ip))}`,
      );
  }
}

const nobody = -1;

function readRoute(fields: Fields): ProbeRoute | null {
  const family = readFamily(fields);
  const dst = ipOf(fields, 'dst', family) ?? refuse(fields, '"dst" is missing');
  const src = ipOf(fields, 'src', family);
  if (dst === null) return null;
  const iif = textOf(fields, 'in_iface');
  return {
    family: dst.family,
    src,
    dst,
    iif,
    oif: textOf(fields, 'oif'),
    mark: numberOf(fields, 'mark', 0xffffffff) ?? 0,
    tos: numberOf(fields, 'tos', 255) ?? 0,
    proto: protoOf(fields, 'proto')?.number ?? null,
    sport: numberOf(fields, 'sport', 65535),
    dport: numberOf(fields, 'dport', 65535),
    // The tool looks up what came in over IPv6 as nobody's.
    uid: numberOf(fields, 'uid', 0xffffffff) ?? (iif !== null && dst.family === 6 ? nobody : 0),
  };
}

function readOf(fields: Fields): ProbeId | null {
  const of = fieldOf(fields, 'of');
  return idOf(of) ?? refuse(fields, of === undefined ? '"of" is missing' : '"of" is not the id of a probe');
}

function readChanges(fields: Fields): ReplyChanges {
  return {
    tcpFlags: tcpFlagsOf(fields, 'tcp_flags'),
    ttl: numberOf(fields, 'ttl', 255) ?? 64,
    tos: numberOf(fields, 'tos', 255) ?? 0,
    mark: numberOf(fields, 'mark', 0xffffffff) ?? 0,
    length: numberOf(fields, 'length', 65535),
    payload: numberOf(fields, 'payload', 65535) ?? 0,
  };
}
