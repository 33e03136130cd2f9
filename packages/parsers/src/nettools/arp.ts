/** IPv4 neighbours as arp(8) and /proc/net/arp show them. */
import { type Facts, type Mac, type Neighbour, parseIp4, parseMac, parseUint32, UNRECOGNIZED } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { nettoolsDiagnostic } from './codes.js';

type NeighbourFields = Omit<Neighbour, 'span' | 'trust'>;
type ArpLine =
  | { readonly kind: 'entry'; readonly entry: NeighbourFields }
  | { readonly kind: 'named'; readonly text: string };

const heading =
  /^(?!.*\d)(?:Address +HWtype +HWaddress +Flags Mask +Iface|IP address +HW type +Flags +HW address +Mask +Device)/;
const count = /^Entries: \d+\s+Skipped: \d+\s+Found: \d+/;
const none = /^\S{1,260} \(\d[\d.]*\) -- no entry/;
const bsd = /^(\S{1,255}) \(([\d.]{7,15})\) at (\S+)(.*)$/;

export const arpFormat: Format = {
  id: 'arp',
  title: 'IPv4 neighbours, as arp shows them',
  commands: [/^(?:\S*\/)?arp(?:\s|$)/, /^(?:cat|less|more)\s+\/proc\/net\/arp\s*$/],
  fileNames: [/^arp(?:[-_].*)?(?:\.(?:txt|md|log))?$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 400) return null;
  if (heading.test(text) || readArpLine(text)?.kind === 'entry') return 'opens';
  return count.test(text) || none.test(text) ? 'continues' : null;
}

function readArpLine(text: string): ArpLine | null {
  if (!/\([\di]|[0-9a-f]:[0-9a-f]{2}:|<from_interface>|\* /i.test(text)) return null;
  return readListed(text) ?? readColumns(text) ?? readProc(text);
}

/** `? (10.0.0.1) at 02:00:00:00:00:01 [ether] PERM PUB on eth0` (`-a`), also as BSD and BusyBox print it. */
function readListed(text: string): ArpLine | null {
  const found = bsd.exec(text);
  if (found === null) return null;
  const ip = parseIp4(found[2] ?? '');
  const dev = / on (\S+)/.exec(found[4] ?? '')?.[1];
  if (ip === null || dev === undefined) return null;
  const words = (found[4] ?? '').split(' ');
  const lladdr = parseMac(found[3] ?? '', { shortOctets: true });
  const proxy = words.includes('PUB') || words.includes('PUP');
  return entryOf({ ip, dev, lladdr, permanent: words.includes('PERM') || words.includes('permanent'), proxy });
}

/** `10.0.0.1  ether  02:00:00:00:00:01  CM  eth0`, `10.0.0.1  (incomplete)  eth0` (`-n`, `-e`). */
function readColumns(text: string): ArpLine | null {
  const words = text.trim().split(/\s+/);
  const [address, ...rest] = words;
  if (address === undefined || rest.length < 2 || rest.length > 5) return null;
  const dev = rest.at(-1) ?? '';
  const incomplete = rest[0] === '(incomplete)' && rest.length === 2;
  const [type, written, flags] = rest;
  const typed = /^(?:ether|\*|loop|infiniband)$/.test(type ?? '') && /^[CMP!]{1,4}$/.test(flags ?? '');
  const lladdr = typed ? parseMac(written ?? '') : null;
  if (!incomplete && !(typed && (lladdr !== null || written === '<from_interface>' || written === '*'))) return null;
  const ip = parseIp4(address);
  if (ip === null) return /^[\w.-]+$/.test(address) ? { kind: 'named', text: address } : null;
  return entryOf({ ip, dev, lladdr, permanent: typed && /M/.test(flags ?? ''), proxy: typed && /P/.test(flags ?? '') });
}

/** `10.0.0.1  0x1  0x6  02:00:00:00:00:01  *  eth0` (include/uapi/linux/if_arp.h has the flags). */
function readProc(text: string): ArpLine | null {
  const words = text.trim().split(/\s+/);
  const [address, type, flagText, hardware, mask, dev] = words;
  if (words.length !== 6 || dev === undefined || mask !== '*' || !/^0x[0-9a-f]+$/.test(type ?? '')) return null;
  const ip = parseIp4(address ?? '');
  const flags = parseUint32(flagText ?? '');
  if (ip === null || flags === null) return null;
  const lladdr = (flags & 2) === 0 ? null : parseMac(hardware ?? '');
  return entryOf({ ip, dev, lladdr, permanent: (flags & 4) !== 0, proxy: (flags & 8) !== 0 });
}

interface ArpEntry extends Pick<Neighbour, 'ip' | 'dev' | 'proxy'> {
  readonly lladdr: Mac | null;
  readonly permanent: boolean;
}

/** Without a link-layer address the state is INCOMPLETE or FAILED, which comes to the same; with one it is any valid state. */
function entryOf({ ip, dev, lladdr, permanent, proxy }: ArpEntry): ArpLine {
  const nud = permanent ? 'PERMANENT' : lladdr === null && !proxy ? 'INCOMPLETE' : null;
  return { kind: 'entry', entry: { ip, dev, lladdr, nud, proxy, router: false, externLearn: false } };
}

/** It shows what `ip -4 neigh` does (net/ipv4/arp.c passes entries without ARP over); asked for a host or device it hides the others. */
function isWhole({ command, freeForm }: Section): boolean {
  if (command === null) return !freeForm;
  const plain = command.replace(/\s+2?>\s*(?:&1|\S+)/g, '').trim();
  return /^(?:\S*\/)?arp(?:\s+-[aevn]+)*$|\/proc\/net\/arp$/.test(plain);
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: Neighbour[] = [];
  for (const line of reading.lines) readLine(reading, line, rows);
  const listed = rows.length > 0 || reading.lines.some((line) => heading.test(line.text));
  const complete = isWhole(section) && reading.lines.every((line) => reading.ledger[line.index] !== UNRECOGNIZED);
  const whole = complete && !reading.diagnostics.some((one) => one.code === 'nettools/name-not-number');
  return closeReading(reading, listed ? [{ kind: 'neighbours', rows, complete: whole, family: 4 }] : []);
}

function readLine(reading: Reading, line: Line, rows: Neighbour[]): void {
  const { text } = line;
  const span = lineSpan(reading.section, line);
  const read = text.length < 400 ? readArpLine(text) : null;
  if (heading.test(text) || count.test(text) || none.test(text)) claim(reading, line, 'inert');
  else if (read === null) takeFailure(reading, line);
  else if (read.kind === 'named') {
    reading.diagnostics.push(nettoolsDiagnostic('name-not-number', span, { text: read.text }));
    claim(reading, line, 'opaque');
  } else {
    rows.push({ span, ...read.entry });
    claim(reading, line, 'modelled');
  }
}
