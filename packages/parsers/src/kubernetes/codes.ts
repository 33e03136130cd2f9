/** What can be wrong with captured API objects, as diagnostics. */
import { defineCodes } from '@coldtrace/core';

export const kubernetesCode = defineCodes('kubernetes', {
  'no-object': { severity: 'info', text: 'this document has no kind: it is no API object' },
  'empty-json': { severity: 'info', text: 'this JSON is empty; nothing tells what was asked for' },
  'bad-address': { severity: 'warning', text: '"{text}" is no IP address' },
  'bad-prefix': { severity: 'warning', text: '"{text}" is no CIDR' },
  'unreadable-row': { severity: 'warning', text: 'this row does not fit the columns of its header' },
  'guessed-service': {
    severity: 'info',
    text: 'the table does not show whose endpoints "{name}" holds: taken for those of the Service "{service}" by its name',
    hint: 'capture `kubectl get endpointslices -A -o yaml` to see the label that says it',
  },
  'truncated-list': {
    severity: 'info',
    text: 'the table leaves out {count} more endpoints',
    hint: 'capture `kubectl get endpoints -A -o yaml` to see all',
  },
});
