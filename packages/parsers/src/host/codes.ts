/** What can be said about what a node says of itself. */
import { defineCodes } from '@coldtrace/core';

export const hostDiagnostic = defineCodes('host', {
  'ambiguous-zone': {
    severity: 'info',
    text: 'zone {zone} does not settle the time of {text}: several zones share the name, or none is given',
    hint: 'capture `date -u` or `date -Iseconds`',
  },
  'unknown-columns': {
    severity: 'warning',
    text: 'row has {found} columns where the heading has {expected}; read as far as it goes',
  },
  'not-an-address': { severity: 'info', text: '{name} is not an address; not read as a reservation' },
});
