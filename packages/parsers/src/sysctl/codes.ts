/** What can be said about kernel parameters as text. */
import { defineCodes } from '@coldtrace/core';

export const sysctlDiagnostic = defineCodes('sysctl', {
  'several-on-one-line': {
    severity: 'warning',
    text: 'line holds several parameters; read as {count}, the line breaks were probably lost',
  },
  'wrong-punctuation': { severity: 'warning', text: 'full-width `＝` read as `=` in {written}' },
  'wrong-case': { severity: 'warning', text: 'parameter {written} read as {key}' },
  'text-after-value': {
    severity: 'warning',
    text: 'parameter {key} read as {value}; the words after it are no part of it',
  },
  'value-without-key': {
    severity: 'warning',
    text: 'value {value} cannot be tied to a parameter: the command that printed it names {keys} of them, the output has {values} values',
    hint: 'capture `sysctl -a` instead: it prints names with values',
  },
});
