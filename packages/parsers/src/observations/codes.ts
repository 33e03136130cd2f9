/** What can be wrong with pasted observations, as diagnostics. */
import { defineCodes } from '@coldtrace/core';

export const observationCode = defineCodes('observation', {
  'names-not-numbers': {
    severity: 'info',
    text: 'the packet shows names in place of addresses',
    hint: 'capture with `tcpdump -nn`',
  },
  'cut-packet': { severity: 'info', text: 'the second line of this packet is missing' },
  'no-target': { severity: 'info', text: 'the target of this {tool} is not shown, since its command line is missing' },
});
