/** Messages about certificates that a client refused: Go crypto/x509, and the same in Java, Python and Node.js. */
import { type LogEvent, logEvent as of } from './event.js';
import { ip } from './patterns.js';

export const x509Events: readonly LogEvent[] = [
  of(
    'unknown',
    'x509-not-valid-for',
    'x509: certificate is valid for ',
    /x509: certificate is valid for (?<validFor>[^"\n]{1,2000}), not (?<wanted>[0-9A-Za-z.:-]{1,253})/,
  ),
  // A line that was wrapped before it said what is wrong.
  of(
    'unknown',
    'x509-wrapped',
    'x509:',
    /x509:(?: certificate is valid for (?!.{0,2000}, not [0-9A-Za-z])[0-9A-Za-z., :*-]{0,2000}| [A-Za-z ]{0,60})?\s?$/,
  ),
  of(
    'unknown',
    'x509-not-valid-for',
    'not valid for any names',
    /x509: certificate is not valid for any names, but wanted to match (?<wanted>[0-9A-Za-z.:-]{1,253})/,
  ),
  of(
    'unknown',
    'x509-not-valid-for',
    'No subject alternative ',
    /No subject alternative (?:DNS )?names? matching (?:IP address )?(?<wanted>[0-9A-Za-z.:-]{1,253}) found/,
  ),
  of(
    'unknown',
    'x509-not-valid-for',
    'certificate is not valid for ',
    /(?:IP address|[Hh]ostname) mismatch, certificate is not valid for '(?<wanted>[0-9A-Za-z.:-]{1,253})'/,
  ),
  of(
    'unknown',
    'x509-not-valid-for',
    "not in the cert's list",
    /IP: (?<wanted>[0-9A-Fa-f.:]{2,45}) is not in the cert's list: (?<validFor>[0-9A-Fa-f., :]{0,2000})/,
  ),
  of('unknown', 'x509-no-ip-sans', 'relies on legacy Common Name field'),
  ...['private key does not match public key', 'key values mismatch'].map((has) =>
    of('unknown', 'x509-key-mismatch', has),
  ),
  of(
    'unknown',
    'x509-unknown-authority',
    'x509: certificate signed by unknown authority',
    /x509: certificate signed by unknown authority(?: \(possibly because of [^\n]{0,200}candidate authority certificate \\?"(?<candidate>[^"\\\n]{1,200})\\?")?/,
  ),
  of(
    'unknown',
    'x509-expired',
    'x509: certificate has expired or is not yet valid',
    /x509: certificate has expired or is not yet valid(?:: current time (?<now>[\dTZ:+-]{10,30}) is (?<side>before|after) (?<limit>[\dTZ:+-]{10,30}))?/,
  ),
  of(
    'unknown',
    'x509-no-ip-sans',
    "doesn't contain any IP SANs",
    new RegExp(`x509: cannot validate certificate for (?<wanted>${ip}) because`),
  ),
];
