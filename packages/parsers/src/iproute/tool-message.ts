/** Lines that ip and bridge write about themselves instead of rows (iproute2 lib/libnetlink.c, lib/utils.c), and what shells say. */
import { failureMessage } from '../text/failure.js';

const starts: readonly string[] = [
  'RTNETLINK answers:',
  'RTNETLINK1 answers:',
  'Error:',
  'Dump terminated',
  'Dump was interrupted',
  'EOF on netlink',
  'Cannot ',
  'Command line is not complete',
  'Failed to ',
  'Usage: ',
  'setting the network namespace',
  'mount of ',
  'Option "',
  'Object "',
  'Command "',
  'Device "',
];

/** `says`: a sentence of the tool. `fails`: it also means that rows are missing. */
export function toolMessage(text: string): 'fails' | 'says' | null {
  const line = text.trimStart();
  if (line.startsWith('Warning:')) return 'says';
  if (starts.some((start) => line.startsWith(start))) return 'fails';
  return failureMessage(line) === null ? null : 'fails';
}
