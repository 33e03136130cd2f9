/** What can be wrong with captured iproute2 text. The grammars are in grammar.md. */
import { defineCodes } from '@coldtrace/core';

export const report = defineCodes('iproute', {
  'unread-line': {
    severity: 'warning',
    text: 'line does not fit the output of "{command}": {text}',
  },
  'bad-value': {
    severity: 'warning',
    text: '"{text}" is not {expected}; the {row} is kept as text only',
    hint: 'obfuscated or redacted addresses cannot be judged; capture the output again without redaction',
  },
  'unknown-word': {
    severity: 'warning',
    text: 'unknown word "{word}" in this {row}: what it decides is left open',
  },
  'cut-entry': {
    severity: 'warning',
    text: '{row} ends after "{word}": the value is missing',
  },
  'cut-off': {
    severity: 'warning',
    text: 'the output breaks off within this row: what follows is not collected',
  },
  'way-hidden': {
    severity: 'warning',
    text: 'this route is shown without its next hops: where it leads is left open',
    hint: 'BusyBox does not print the next hops of a route with several; capture `/proc/net/route` or the `ip` of iproute2',
  },
  'tables-hidden': {
    severity: 'warning',
    text: 'these routes of IPv6 are of all tables, and none shows its own: read as table main, which may have fewer or others',
    hint: 'BusyBox does not print the table; capture `ip -6 route show table all` of iproute2',
  },
  'tool-failed': {
    severity: 'warning',
    text: 'the command did not deliver: {text}',
    hint: 'what it should have shown counts as not collected',
  },
  'indentation-lost': {
    severity: 'info',
    text: '{count} lines read as if the indentation the tool prints still stood before them',
  },
  'line-rejoined': {
    severity: 'info',
    text: 'wrapped line read as the end of the line before it: {text}',
  },
  'name-missing': {
    severity: 'warning',
    text: 'this {row} names no device and the command does not either; it is kept as text only',
  },
  'family-inferred': {
    severity: 'info',
    text: 'nothing says which family these rules belong to; read as IPv{family} because {reason}',
  },
  'coverage-inferred': {
    severity: 'info',
    text: 'the command is not known; read as {covers}',
  },
  'bad-json': {
    severity: 'error',
    text: 'JSON breaks off here: {reason}',
    hint: 'the rows before it are read; the rest counts as not collected',
  },
  'unknown-shape': {
    severity: 'warning',
    text: 'JSON object is no row of ip or bridge that is known here',
  },
});
