/** Lines that ip and bridge write about themselves instead of rows (iproute2 lib/libnetlink.c, lib/utils.c) and what shells say. */

const starts: readonly string[] = [
  'RTNETLINK answers:',
  'RTNETLINK1 answers:',
  'NETLINK error:',
  'Error:',
  'Warning:',
  'Dump terminated',
  'Dump was interrupted',
  'EOF on netlink',
  'Cannot ',
  'Command line is not complete',
  'Failed to ',
  'ip: ',
  'bridge: ',
  'sudo: ',
  'bash: ',
  '-bash: ',
  'sh: ',
  'zsh: ',
  'nsenter: ',
  'netlink: ',
  'setting the network namespace',
  'mount of ',
  'seting the network namespace',
  'open: ',
  'socket: ',
  'Option "',
  'Object "',
  'Command "',
  'Device "',
  'Oops: ',
  'Unknown argument',
  'Nothing to ',
];

const phrases: readonly string[] = [
  'command not found',
  'Permission denied',
  'Operation not permitted',
  'No such file or directory',
  'not installed',
  ': not found',
];

/** `says`: a sentence of the tool or the shell. `fails`: it also means that rows are missing. */
export function toolMessage(text: string): 'fails' | 'says' | null {
  const line = text.trim();
  if (line === '') return null;
  if (line.startsWith('Warning:')) return 'says';
  if (line.startsWith('FDB entry ') || line.startsWith('Usage: ')) return 'fails';
  for (const start of starts) if (line.startsWith(start)) return 'fails';
  if (line.length < 400) for (const phrase of phrases) if (line.includes(phrase)) return 'fails';
  return null;
}
