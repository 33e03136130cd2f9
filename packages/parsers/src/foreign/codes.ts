/** What can be said about packet filters other than xtables. */
import { defineCodes } from '@coldtrace/core';

export const foreignDiagnostic = defineCodes('foreign', {
  'other-filter': {
    severity: 'warning',
    text: '{what} {subject} can change what happens to packets; what it does is not modelled',
  },
  'table-cut': { severity: 'warning', text: 'table {subject} breaks off before its closing brace' },
});
