/** `openssl verify`: which file was held against which authorities, and the outcome (openssl-verification-options(1)). */
import type { TlsObservation } from '@coldtrace/core';
import type { Format } from '../format.js';
import { type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';

const good = /^(\S+\.(?:crt|pem|cer)|\S*\/\S+): OK$/;
const reason = /^error (\d+) at (\d+) depth lookup:\s?(.*)$/;
const bad = /^error (\S+): verification failed$/;
/** Before version 1.1 the file stood on the name's line. */
const oldName = /^(\S+\.(?:crt|pem|cer)): \S.*=/;

export const opensslVerifyFormat: Format = {
  id: 'openssl-verify',
  title: 'openssl verify',
  commands: [/^(?:\S*\/)?openssl\s+verify\b/],
  fileNames: [/openssl[_-]verify/],
  line: (text) => {
    const line = text.slice(0, 1000).trimEnd();
    return good.test(line) || reason.test(line) || bad.test(line) ? 'opens' : null;
  },
  parse: (section) => {
    const reading = openReading(section);
    const rows: TlsObservation[] = [];
    const against = /\s-(?:CAfile|trusted)\s+(\S+)/.exec(section.command ?? '')?.[1];
    const told = against === undefined ? {} : { against };
    let pending: { line: Line; text: string } | null = null;
    let named: string | null = null;
    const fail = (subject: string, line: Line) => {
      const from = pending?.line ?? line;
      const span = { file: section.file.id, start: from.start, end: line.end };
      rows.push({ kind: 'verify', subject, ...told, verdict: pending?.text ?? 'verification failed', span });
      pending = null;
    };
    for (const line of reading.lines) {
      const text = line.text.slice(0, 1000).trimEnd();
      const ok = good.exec(text)?.[1] ?? (section.command === null ? undefined : /^(\S+): OK$/.exec(text)?.[1]);
      const failed = bad.exec(text)?.[1];
      const why = reason.exec(text);
      if (ok !== undefined)
        rows.push({ kind: 'verify', subject: ok, ...told, verdict: 'OK', span: lineSpan(section, line) });
      else if (why !== null) pending = { line, text: `error ${why[1]} at ${why[2]} depth: ${why[3]}` };
      else if (failed !== undefined) fail(failed, line);
      else if (oldName.test(text)) named = oldName.exec(text)?.[1] ?? null;
      else if (text !== 'OK' && !/^(?:[A-Z]{1,3}|emailAddress)\s?=\s?\S/.test(text)) {
        takeFailure(reading, line);
        continue;
      }
      claim(reading, line, ok !== undefined || why !== null || failed !== undefined ? 'modelled' : 'inert');
    }
    // Before version 1.1 no line after the reason closes it.
    const last = reading.lines.findLast((line) => reason.test(line.text.slice(0, 1000).trimEnd()));
    if (pending !== null && last !== undefined) fail(named ?? '', last);
    return closeReading(reading, [{ kind: 'tls', rows, complete: false }]);
  },
};
