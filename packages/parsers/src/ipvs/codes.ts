/** What can be said about IPVS as text. */
import { defineCodes } from '@coldtrace/core';

export const ipvsDiagnostic = defineCodes('ipvs', {
  'cut-off': { severity: 'warning', text: 'the output breaks off within this line: what follows is not collected' },
  'name-not-number': {
    severity: 'warning',
    text: '{text} is written with a name instead of a number; it is not in the model',
    hint: 'capture with `-n`',
  },
  'unknown-option': { severity: 'warning', text: 'option {option} not understood; the line is kept as text' },
  'server-without-service': {
    severity: 'warning',
    text: 'the virtual service of this real server is not here; it is not in the model',
  },
  'columns-hidden': {
    severity: 'info',
    text: 'this listing has neither forwarding method nor scheduler of its services; it is not in the model',
    hint: 'capture `ipvsadm -Sn`',
  },
});
