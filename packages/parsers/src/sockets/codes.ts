/** What can be said about socket listings. */
import { defineCodes } from '@coldtrace/core';

export const socketsDiagnostic = defineCodes('sockets', {
  'address-cut': {
    severity: 'warning',
    text: 'netstat cut the address of {text} to its column, so the line says less than it seems',
    hint: 'capture `ss -lntup`, or `netstat -W`',
  },
  'name-not-number': {
    severity: 'warning',
    text: '{text} is written with a name instead of a number; the socket is not in the model',
    hint: 'capture with `-n`',
  },
});
