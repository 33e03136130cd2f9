/** What can be said about tracked connections as text. */
import { defineCodes } from '@coldtrace/core';

export const conntrackDiagnostic = defineCodes('conntrack', {
  'fewer-than-announced': {
    severity: 'warning',
    text: 'the tool says that it showed {announced} entries, here are {found}: the dump is cut or filtered',
  },
  'summary-inside-line': {
    severity: 'info',
    text: 'the summary, written to standard error, landed inside an entry; the entry was put together again',
  },
  'joined-lines': { severity: 'warning', text: 'entry wrapped over {count} lines, read as one' },
  'not-read': { severity: 'warning', text: 'entry not understood at {word}; kept as text' },
});
