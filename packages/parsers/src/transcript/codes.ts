/** What can be said about text that people pasted. */
import { defineCodes } from '@coldtrace/core';

export const transcriptDiagnostic = defineCodes('transcript', {
  'command-slip': { severity: 'info', text: 'the command {typed} was read as {tool}' },
  'lines-left-out': {
    severity: 'info',
    text: 'lines are left out here ({text}): what they said is not known',
    hint: 'capture the whole output',
  },
  'not-parted': {
    severity: 'warning',
    text: 'not read: nothing tells where the output of `{first}` ends and that of `{second}` begins',
    hint: 'run the commands one by one',
  },
  'parser-fault': {
    severity: 'error',
    text: 'the parser of {format} failed on this text: {message}',
    hint: 'please report it with this text',
  },
  claim: {
    severity: 'info',
    text: 'stated in a sentence, not captured: {text}',
    hint: 'capture it: {command}',
  },
});
