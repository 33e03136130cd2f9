/** A connection of IPVS: a line of `ipvsadm -Lnc`, or of /proc/net/ip_vs_conn and ip_vs_conn_sync, whose numbers are hexadecimal. net/netfilter/ipvs/ip_vs_conn.c. */
import { type Ip, type IpvsEndpoint, type IpvsEntry, ip4, parseIp, proto } from '@coldtrace/core';
import { readServerAddress } from './address.js';

export type ConnectionLine =
  | { readonly kind: 'connection'; readonly entry: Omit<IpvsEntry, 'span'> }
  | { readonly kind: 'named'; readonly text: string };

/** `IP`: no protocol at all, as templates of services by mark have. */
const protocols: Readonly<Record<string, number>> = { TCP: proto.tcp, UDP: proto.udp, SCTP: proto.sctp, IP: 0 };

const printed = /^(TCP|UDP|SCTP|IP) +\d{1,6}:\d\d +([A-Z_!][A-Z0-9_!]{1,19}) +(\S+) +(\S+) +(\S+)(?: |$)/;
const hex = '([0-9A-Fa-f:]{8,39}) ([0-9A-Fa-f]{4})';
const raw = new RegExp(
  `^(TCP|UDP|SCTP|IP) +${hex} ${hex} ${hex} ([A-Z_!][A-Z0-9_!]{1,19}) +(?:(?:LOCAL|SYNC) +)?\\d+(?: |$)`,
);

export const connectionTitle =
  /^(?:IPVS connection entries|pro expire state +source +virtual +destination|Pro FromIP {3}FPrt ToIP {5}TPrt DestIP {3}DPrt State )/;

export function readConnectionLine(line: string): ConnectionLine | null {
  if (line.length > 500) return null;
  const shown = printed.exec(line);
  if (shown !== null) return fromListing(shown);
  const numbers = raw.exec(line);
  return numbers === null ? null : fromKernel(numbers);
}

function fromListing([, name = '', state = '', ...ends]: readonly string[]): ConnectionLine | null {
  const read: IpvsEndpoint[] = [];
  for (const text of ends.slice(0, 3)) {
    const endpoint = readServerAddress(text);
    if (endpoint === null) return { kind: 'named', text };
    read.push(endpoint);
  }
  return connection(name, state, read);
}

function fromKernel([, name = '', ...words]: readonly string[]): ConnectionLine | null {
  const read: IpvsEndpoint[] = [];
  for (let at = 0; at < 6; at += 2) {
    const ip = hexAddress(words[at] ?? '');
    if (ip === null) return null;
    read.push({ ip, port: Number.parseInt(words[at + 1] ?? '', 16) });
  }
  return connection(name, words[6] ?? '', read);
}

function connection(name: string, state: string, ends: readonly IpvsEndpoint[]): ConnectionLine | null {
  const [client, virtual, server] = ends;
  const number = protocols[name];
  if (client === undefined || virtual === undefined || server === undefined || number === undefined) return null;
  return { kind: 'connection', entry: { proto: number, client, virtual, server, state } };
}

function hexAddress(text: string): Ip | null {
  if (text.includes(':')) return parseIp(text);
  return /^[0-9A-Fa-f]{8}$/.test(text) ? ip4(Number.parseInt(text, 16)) : null;
}
