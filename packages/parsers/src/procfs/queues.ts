/** /proc/net/netfilter/nfnetlink_queue: queues that programs listen on (net/netfilter/nfnetlink_queue.c, seq_show). */
import { type Facts, type PacketQueue, UNRECOGNIZED } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { isBlank, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { isWholeFile, procNet } from './whole.js';

/** Number, port of the listener, waiting packets, how much of each is copied (two columns), losses (two), last packet, 1. */
const row = /^ *(\d{1,5}) +\d+ +\d+ [012] +\d+ +\d+ +\d+ +\d+ +1$/;

export const procQueuesFormat: Format = {
  id: 'proc-net-nfnetlink-queue',
  title: 'packet queues of programs, as /proc/net/netfilter/nfnetlink_queue shows them',
  ...procNet('netfilter[/_.-]nfnetlink_queue'),
  fileNames: [/^nfnetlink[-_]queue(?:\.txt)?$/],
  line: (text) => (text.length < 100 && row.test(text) ? 'continues' : null),
  parse,
};

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: PacketQueue[] = [];
  for (const line of reading.lines) {
    const number = line.text.length < 100 ? row.exec(line.text)?.[1] : undefined;
    if (number !== undefined) {
      rows.push({ span: lineSpan(section, line), number: Number(number) });
      claim(reading, line, 'modelled');
    } else if (!isBlank(line.text)) takeFailure(reading, line);
  }
  const taken = reading.failures.length === 0 && !reading.ledger.includes(UNRECOGNIZED);
  const complete = taken && isWholeFile(section) && (rows.length > 0 || wasRead(section));
  return closeReading(reading, rows.length > 0 || complete ? [{ kind: 'packet-queues', rows, complete }] : []);
}

/** Files below /proc have no length: what copies them by it leaves an empty one, which proves nothing; nor does a reader whose messages are hidden. */
function wasRead({ command, path }: Section): boolean {
  return command === null ? path.endsWith('nfnetlink-queue.txt') : /^cat (?:[^>]|>\s*&)*$/.test(command);
}
