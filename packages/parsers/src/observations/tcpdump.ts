/** The text output of tcpdump(8): packets as they were seen on a device. */
import type { Diagnostic, SeenPacket } from '@coldtrace/core';
import { span } from '@coldtrace/core';
import type { Format, LineVerdict, Section } from '../format.js';
import { type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { observationCode } from './codes.js';
import { type PacketBody, type PacketHead, readPacketLine } from './packet-line.js';

export const tcpdumpFormat: Format = {
  id: 'tcpdump',
  entries: true,
  title: 'packets seen by tcpdump',
  commands: [/^(?:\S*\/)?tcpdump(?:\s|$)/, /\s(?:\S*\/)?tcpdump\s+-/],
  fileNames: [/tcpdump/],
  line: verdictOf,
  parse: parseTcpdump,
};

const countLine = /^\d+ packets? (?:captured|received by filter|dropped by (?:kernel|interface))$/;
const hexLine = /^\s{1,12}0x[0-9a-f]{4,8}:\s/;

function verdictOf(text: string): LineVerdict {
  if (text.startsWith('tcpdump: ') || listeningOn(text) !== null) return 'opens';
  const packet = readPacketLine(text);
  if (packet?.kind === 'packet' || packet?.kind === 'head') return 'opens';
  if (packet !== null || countLine.test(text.trimEnd()) || hexLine.test(text)) return 'continues';
  return null;
}

/** `listening on ens192, link-type …`, with or without the program's name before it. */
function listeningOn(text: string): string | null {
  const at = text.startsWith('tcpdump: listening on ') ? 22 : text.startsWith('listening on ') ? 13 : -1;
  if (at < 0) return null;
  const comma = text.indexOf(', link-type', at);
  return comma < 0 ? null : text.slice(at, comma);
}

/** The value of `-i` in the command as typed. */
function deviceOfCommand(command: string | null): string | null {
  const words = command?.split(/\s+/) ?? [];
  for (const [index, word] of words.entries()) {
    if (word === '-i' || word === '--interface' || /^-[a-zA-Z]*i$/.test(word)) return words[index + 1] ?? null;
    const joined = /^(?:--interface=|-i)([\w.@-]+)$/.exec(word);
    if (joined?.[1] !== undefined) return joined[1];
  }
  return null;
}

interface Capture {
  readonly reading: Reading;
  readonly packets: SeenPacket[];
  /** The device that tcpdump said it listens on, or was told to. */
  device: string | null;
  /** The first line of a packet whose second has to come. */
  pending: { readonly line: Line; readonly head: PacketHead } | null;
  /** A packet came before. */
  seen: boolean;
  /** The packet before carries another. */
  tunnel: boolean;
}

function parseTcpdump(section: Section) {
  const capture: Capture = {
    reading: openReading(section),
    packets: [],
    device: realDevice(deviceOfCommand(section.command)),
    pending: null,
    seen: false,
    tunnel: false,
  };
  for (const line of capture.reading.lines) readLine(capture, line);
  dropPending(capture);
  return closeReading(capture.reading, [{ kind: 'observations', rows: capture.packets, complete: false }]);
}

function readLine(capture: Capture, line: Line): void {
  const { reading } = capture;
  const listening = listeningOn(line.text);
  if (listening !== null) {
    capture.device = realDevice(listening);
    claim(reading, line, 'modelled');
    return;
  }
  const packet = readPacketLine(line.text);
  if (packet === null) readRemark(capture, line);
  else if (packet.kind === 'body') readBody(capture, line, packet.body);
  else {
    dropPending(capture);
    capture.seen = true;
    claim(reading, line, 'modelled');
    if (packet.kind === 'head') {
      capture.pending = { line, head: packet.head };
      return;
    }
    if (packet.named) reading.diagnostics.push(namesDiagnostic(reading.section, line));
    add(capture, line, line, packet.head, packet.body);
  }
}

/** What tcpdump says of itself, and decoded contents (`-A`, `-x`, options on lines of their own), which hang on the packet before them. */
function readRemark({ reading, seen }: Capture, line: Line): void {
  const { text } = line;
  const own = text.startsWith('tcpdump: ');
  if (own && !/^tcpdump: (?:verbose|data link|WARNING)/.test(text) && takeFailure(reading, line)) return;
  const detail = seen && (text.startsWith('\t') || text.startsWith('  ') || hexLine.test(text));
  if (detail || own || countLine.test(text.trimEnd()) || /^\^C/.test(text)) claim(reading, line, 'inert');
}

/** The second line of a packet (`-v`); without a first one it is detail of the packet before. */
function readBody(capture: Capture, line: Line, body: PacketBody): void {
  const { reading, pending, seen } = capture;
  if (pending !== null) {
    add(capture, pending.line, line, pending.head, body);
    capture.pending = null;
    claim(reading, line, 'modelled');
  } else if (seen) claim(reading, line, 'inert');
}

function dropPending(capture: Capture): void {
  const { reading, pending } = capture;
  if (pending === null) return;
  reading.diagnostics.push(observationCode('cut-packet', lineSpan(reading.section, pending.line)));
  claim(reading, pending.line, 'unrecognized');
  capture.pending = null;
}

function add(capture: Capture, from: Line, to: Line, head: PacketHead, body: PacketBody): void {
  const { file } = capture.reading.section;
  const text = file.text.slice(from.start, to.end);
  const { proto, ...rest } = body;
  // What a tunnel carries is printed under its packet, and was on no device itself.
  const carried = capture.tunnel && head.time === null;
  capture.tunnel = !carried && /: (?:OTV|VXLAN), flags/.test(text);
  capture.packets.push({
    kind: 'packet',
    dev: carried ? null : (head.dev ?? capture.device),
    direction: head.direction,
    time: head.time,
    proto: proto ?? head.proto,
    ...rest,
    text,
    span: span(file.id, from.start, to.end),
  });
}

function namesDiagnostic(section: Section, line: Line): Diagnostic {
  return observationCode('names-not-numbers', lineSpan(section, line));
}

/** `any` is every device: then only the packet's own line tells. */
function realDevice(name: string | null): string | null {
  return name === 'any' ? null : name;
}
