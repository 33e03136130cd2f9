/** What `openssl s_client` prints around the certificates of a server: whom it dialled, how it judged them (openssl-s_client(1)). */
import type { TlsObservation } from '@coldtrace/core';
import type { Line } from '../text/lines.js';
import { lineSpan } from '../text/lines.js';
import { claim, type Reading } from '../text/reading.js';
import { pemBegin, pemEnd } from './pem.js';

export const clientLine =
  /^(?:CONNECTED\([0-9A-F]{8}\)|Certificate chain|Server certificate|\s{4}Verify return code: \d+ \(|Verify return code: \d+ \(|depth=\d+ \S|verify (?:error|return):)/;

const printLine = /^(?:subject|issuer|notBefore|notAfter)\s?=\s?\S/;

/** `openssl s_client -connect 192.168.3.123:10250`; null for any other command. */
export function addressDialled(command: string | null): string | null {
  if (command === null || !command.includes('s_client')) return null;
  return /\s-connect[\s=]["']?([^\s"'|;]{1,300})/.exec(command.slice(0, 2000))?.[1] ?? null;
}

/** What `openssl s_client` says of the peer, once per run; every line of such an output is accounted for. */
export function readVerification(reading: Reading): readonly TlsObservation[] {
  const { section, lines } = reading;
  if (!lines.some((line) => clientLine.test(line.text.slice(0, 200)))) return [];
  const subject = addressDialled(section.command) ?? '';
  let verdict: { line: Line; text: string } | null = null;
  for (const line of lines) {
    const text = line.text.trim();
    const code = /^Verify return code: (.*)$/.exec(text.slice(0, 400))?.[1];
    if (code !== undefined) verdict ??= { line, text: code };
    if (
      text === '' ||
      pemBegin.test(text) ||
      pemEnd.test(text) ||
      /^[A-Za-z0-9+/=]{40,}$/.test(text) ||
      printLine.test(text)
    )
      continue;
    claim(reading, line, code === undefined ? 'inert' : 'modelled');
  }
  return verdict === null
    ? []
    : [{ kind: 's_client', subject, verdict: verdict.text, span: lineSpan(section, verdict.line) }];
}
