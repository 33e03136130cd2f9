/**
 * Addresses reserved by the host-local plugin: under /var/lib/cni/networks/NETWORK a file per address, holding the id of the container
 * and, since CNI 0.7, its interface (containernetworking plugins, ipam/host-local/backend/disk).
 */
import { type AddressReservation, type Facts, type Ip, type Observation, parseIp, type Span } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { hostDiagnostic } from './codes.js';

const place = /(?:^|\/)cni\/networks\/([^/\s:]+)\/([0-9a-fA-F.:_]{2,45})$/;
/** What the plugin keeps beside the addresses. */
const bookkeeping = /(?:^|\/)cni\/networks\/[^/\s:]+\/(?:last_reserved_ip\.\d+|lock)$/;
const directory = /\/cni\/networks\/([^/\s:*]+)\/?(?:\*|:)?$/;
/** `PATH:text` of grep; an IPv6 name holds colons itself, so the name ends at the last colon before the text. */
const grepped =
  /^(\S{0,300}\/cni\/networks\/[^/\s]{1,100}\/(?:last_reserved_ip\.\d+|lock|[0-9a-fA-F.:_]{2,45})):(\S{0,200})\s*$/;
const heading = /^==> (\S{1,400}) <==$/;
const long =
  /^[-l][rwxsStT-]{9}[.+@]?\s+\d+\s+\S+\s+\S+\s+\d+\s+(?:\w{3}\s+\d{1,2}\s+[\d:]{4,5}|\d{4}-\d\d-\d\d\s+[\d:.]+(?:\s+[+-]\d{4})?)\s+(\S+)$/;
const furniture = /^(?:total \d+|d[rwxsStT-]{9}\S?\s.*\s\.{1,2}|\.{1,2})$/;
const other = /^(?:last_reserved_ip\.\d+|lock)$/;

export const reservationsFormat: Format = {
  id: 'host-local',
  title: 'addresses reserved by host-local',
  commands: [/^(?:ls|ll|cat|tail|head|grep|more|find)\b.*\/cni\/networks\b/],
  fileNames: [/^\d{1,3}(?:\.\d{1,3}){3}$/],
  line: judge,
  whole: (text, path) => (text.length < 1000 && (placeOf(path) !== null || bookkeeping.test(path)) ? 0.95 : 0),
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 800) return null;
  if (grepped.test(text) || (heading.test(text) && text.includes('/cni/networks/'))) return 'opens';
  const name = long.exec(text)?.[1];
  if (name !== undefined) return ipOf(name) !== null || other.test(name) ? 'opens' : null;
  // What a file holds, under its `==> PATH <==`.
  return /^(?:[0-9a-f]{64}|eth\d{1,2}|net\d{1,2})\r?$/.test(text) ? 'continues' : null;
}

/** The reservation that a path such as `var/lib/cni/networks/cbr0/10.244.0.5` names. */
function placeOf(path: string): { readonly network: string; readonly ip: Ip } | null {
  const found = place.exec(path);
  const ip = ipOf(found?.[2] ?? '');
  return found === null || ip === null ? null : { network: found[1] ?? '', ip };
}

/** File systems without colons in names get underscores. */
function ipOf(name: string): Ip | null {
  return parseIp(name) ?? (name.includes('_') ? parseIp(name.replace(/_/g, ':')) : null);
}

interface Draft {
  readonly network: string | null;
  readonly ip: Ip;
  span: Span;
  containerId: string | null;
  ifname: string | null;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const drafts = new Map<string, Draft>();
  const counts: Observation[] = [];
  const { command } = section;
  const words = (command ?? '').split(/[\s|;&]+/);
  let network = words.map((word) => directory.exec(word)?.[1]).find((name) => name !== undefined) ?? null;
  const isOwn = placeOf(section.path) !== null || bookkeeping.test(section.path);
  let current: { readonly path: string } | null = isOwn ? { path: section.path } : null;
  for (const line of reading.lines) {
    const text = line.text.trim();
    if (isBlank(text) || line.text.length > 800) continue;
    const titled = heading.exec(text)?.[1];
    const inDirectory = directory.exec(text)?.[1];
    if (titled !== undefined || (inDirectory !== undefined && text.endsWith(':'))) {
      current = titled === undefined ? null : { path: titled };
      network = inDirectory ?? network;
      claim(reading, line, 'inert');
    } else if (!takeContent(reading, line, current, drafts)) takeListing(reading, line, network, drafts, counts);
  }
  const rows: readonly AddressReservation[] = [...drafts.values()].map(({ span, ...draft }) => ({ span, ...draft }));
  const complete = command !== null && /^ls(?:\s+-[a-zA-Z1]+)*\s+\S*\/cni\/networks\/[^/\s*]+\/?\s*$/.test(command);
  const facts: Facts[] = [];
  if (rows.length > 0 || complete) facts.push({ kind: 'reservations', rows, complete });
  if (counts.length > 0) facts.push({ kind: 'observations', rows: counts, complete: false });
  return closeReading(reading, facts);
}

/** A line of a file's content: of the file that the section is, that a heading names, or that grep put before it. */
function takeContent(
  reading: Reading,
  line: Line,
  current: { readonly path: string } | null,
  drafts: Map<string, Draft>,
): boolean {
  const found = grepped.exec(line.text.trim());
  const path = found?.[1] ?? current?.path;
  if (path === undefined) return false;
  const where = placeOf(path);
  if (where === null) {
    if (other.test(path.slice(path.lastIndexOf('/') + 1))) claim(reading, line, 'inert');
    return found !== null || other.test(path.slice(path.lastIndexOf('/') + 1));
  }
  const text = (found?.[2] ?? line.text).trim();
  if (!/^\S{1,200}$/.test(text)) return false;
  const draft = draftOf(reading, line, where.network, where.ip, drafts);
  if (draft.containerId === null) draft.containerId = text;
  else draft.ifname ??= text;
  claim(reading, line, 'modelled');
  return true;
}

/** A line of `ls`, short or long; or the number of `| wc -l`. */
function takeListing(
  reading: Reading,
  line: Line,
  network: string | null,
  drafts: Map<string, Draft>,
  counts: Observation[],
): void {
  const text = line.text.trim();
  if (furniture.test(text)) {
    claim(reading, line, 'inert');
    return;
  }
  if (/^\d{1,7}$/.test(text) && /\|\s*wc\s+-l/.test(reading.section.command ?? '')) {
    counts.push(countOf(reading, line, text, network));
    claim(reading, line, 'modelled');
    return;
  }
  const name = long.exec(text)?.[1];
  const names = name === undefined ? text.split(/\s+/) : [name];
  const ips = names.map(ipOf);
  const known = names.filter((one, at) => ips[at] !== null || other.test(one));
  if (known.length === 0) {
    takeFailure(reading, line);
    return;
  }
  for (const ip of ips) if (ip !== null) draftOf(reading, line, network, ip, drafts);
  const strange = names.find((one) => !known.includes(one));
  if (strange !== undefined) {
    reading.diagnostics.push(hostDiagnostic('not-an-address', lineSpan(reading.section, line), { name: strange }));
  }
  claim(reading, line, ips.every((ip) => ip === null) ? 'inert' : 'modelled');
}

function draftOf(reading: Reading, line: Line, network: string | null, ip: Ip, drafts: Map<string, Draft>): Draft {
  const key = `${network} ${ip.family} ${ip.a} ${ip.b} ${ip.c} ${ip.d}`;
  const span = lineSpan(reading.section, line);
  const known = drafts.get(key);
  const draft = known ?? { network, ip, span, containerId: null, ifname: null };
  draft.span = { ...draft.span, end: Math.max(draft.span.end, span.end) };
  drafts.set(key, draft);
  return draft;
}

function countOf(reading: Reading, line: Line, count: string, network: string | null): Observation {
  const data = network === null ? { count } : { count, network };
  return {
    span: lineSpan(reading.section, line),
    kind: 'log',
    component: 'cni',
    event: 'reservation-count',
    data,
    text: count,
  };
}
