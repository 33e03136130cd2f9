/** The text output of tcpdump(8): packets as they were seen on a device. */
import type { Diagnostic, SeenPacket } from '@coldtrace/core';
import { span } from '@coldtrace/core';
import type { Format, LineVerdict, Section } from '../format.js';
import { type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
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

function parseTcpdump(section: Section) {
  const reading = openReading(section);
  const packets: SeenPacket[] = [];
  let device = realDevice(deviceOfCommand(section.command));
  let pending: { readonly line: Line; readonly head: PacketHead } | null = null;
  let seen = false;
  let tunnel = false;

  const dropPending = () => {
    if (pending === null) return;
    reading.diagnostics.push(observationCode('cut-packet', lineSpan(section, pending.line)));
    claim(reading, pending.line, 'unrecognized');
    pending = null;
  };
  const add = (from: Line, line: Line, head: PacketHead, body: PacketBody) => {
    const at = span(section.file.id, from.start, line.end);
    const text = section.file.text.slice(from.start, line.end);
    const { proto, ...rest } = body;
    // What a tunnel carries is printed under its packet, and was on no device itself.
    const carried = tunnel && head.time === null;
    tunnel = !carried && /: (?:OTV|VXLAN), flags/.test(text);
    packets.push({
      kind: 'packet',
      dev: carried ? null : (head.dev ?? device),
      direction: head.direction,
      time: head.time,
      proto: proto ?? head.proto,
      ...rest,
      text,
      span: at,
    });
  };

  for (const line of reading.lines) {
    const listening = listeningOn(line.text);
    if (listening !== null) {
      device = realDevice(listening);
      claim(reading, line, 'modelled');
      continue;
    }
    const packet = readPacketLine(line.text);
    if (packet === null) {
      if (line.text.startsWith('tcpdump: ') && !/^tcpdump: (?:verbose|data link|WARNING)/.test(line.text)) {
        if (takeFailure(reading, line)) continue;
      }
      // Decoded contents (`-A`, `-x`, options on lines of their own) hang on the packet before them.
      const detail = seen && (line.text.startsWith('\t') || line.text.startsWith('  ') || hexLine.test(line.text));
      if (
        detail ||
        line.text.startsWith('tcpdump: ') ||
        countLine.test(line.text.trimEnd()) ||
        /^\^C/.test(line.text)
      ) {
        claim(reading, line, 'inert');
      }
      continue;
    }
    if (packet.kind === 'body') {
      if (pending === null) {
        if (seen) claim(reading, line, 'inert');
        continue;
      }
      const { line: first, head }: { line: Line; head: PacketHead } = pending;
      add(first, line, head, packet.body);
      pending = null;
      claim(reading, line, 'modelled');
      continue;
    }
    dropPending();
    seen = true;
    claim(reading, line, 'modelled');
    if (packet.kind === 'head') {
      pending = { line, head: packet.head };
      continue;
    }
    if (packet.named) reading.diagnostics.push(namesDiagnostic(section, line));
    add(line, line, packet.head, packet.body);
  }
  dropPending();
  return closeReading(reading, [{ kind: 'observations', rows: packets, complete: false }]);
}

function namesDiagnostic(section: Section, line: Line): Diagnostic {
  return observationCode('names-not-numbers', lineSpan(section, line));
}

/** `any` is every device: then only the packet's own line tells. */
function realDevice(name: string | null): string | null {
  return name === 'any' ? null : name;
}
