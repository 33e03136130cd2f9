/** What can be said about files of /proc/net. */
import { defineCodes } from '@coldtrace/core';

export const procfsDiagnostic = defineCodes('procfs', {
  'byte-order': {
    severity: 'info',
    text: 'nothing in this file tells the byte order of the machine; read as x86 and ARM print it',
    hint: 'capture `ip route show table all` and `ss -lntup`',
  },
  'protocol-hidden': {
    severity: 'info',
    text: 'sockets of UDP and raw sockets look alike here, and neither the path nor a command says which these are',
    hint: 'keep the name of the file, or capture `ss -lntup`',
  },
});
