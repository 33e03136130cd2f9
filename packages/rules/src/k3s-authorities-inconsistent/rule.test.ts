/** How sure the rule is, what it tells apart, and that it speaks of the fault and not of its example. */
import { parseSnapshot } from '@coldtrace/parsers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze.js';
import { certificatesWith, k3sServer } from './cases.world.js';
import { k3sAuthoritiesInconsistent } from './rule.js';

const report = (snapshot: ReturnType<typeof k3sServer>) => analyze(snapshot, { rules: [k3sAuthoritiesInconsistent] });
const subjects = (snapshot: ReturnType<typeof k3sServer>) =>
  report(snapshot).findings.map(({ subject, certainty }) => `${subject}: ${certainty}`);

describe('a missing authority', () => {
  const gone = { 'tls/request-header-ca.crt': null } as const;

  it('is proven by the listing of all certificates', () => {
    expect(subjects(k3sServer({ changes: gone }))).toEqual(['missing request-header-ca: proven']);
  });
  it('cannot be told from a listing that was not allowed to read everything', () => {
    const text = `${certificatesWith(gone)}find: '/var/lib/rancher/k3s/server': Permission denied\n`;
    const snapshot = parseSnapshot({
      'cp/hostname': 'cp\n',
      'cp/date.txt': 'Fri Nov 20 10:00:00 UTC 2026\n',
      'cp/certificates.txt': text,
    });
    expect(subjects(snapshot)).toEqual([]);
    expect(report(snapshot).notEvaluated).toMatchObject([
      { node: 'cp', needs: expect.arrayContaining(['certificates']) },
    ]);
  });
  it.each([
    ['cat: /var/lib/rancher/k3s/server/tls/client-ca.crt: No such file or directory', 'proven'],
    ['cat: client-ca.crt: 没有那个文件或目录', 'likely'],
    ["Can't open client-ca.crt for reading, No such file or directory", 'likely'],
  ])('%s', (message, certainty) => {
    const snapshot = parseSnapshot({ 'cp/hostname': 'cp\n', 'cp/x.failed': `${message}\n` });
    expect(subjects(snapshot)).toEqual([`missing client-ca: ${certainty}`]);
  });
  it.each([
    'cat: /var/lib/rancher/k3s/server/tls/client-ca.crt: Permission denied',
    'cat: /var/lib/rancher/k3s/server/tls/etcd/server-ca.crt: No such file or directory',
  ])('%s: nothing is missing', (message) => {
    expect(subjects(parseSnapshot({ 'cp/hostname': 'cp\n', 'cp/x.failed': `${message}\n` }))).toEqual([]);
  });
});

describe('dates', () => {
  const ended = { 'tls/client-admin.crt': { to: 'Nov 20 09:59:59 2026 GMT' } } as const;

  it('are judged by the time of the capture', () => {
    expect(subjects(k3sServer({ changes: ended }))).toEqual(['expired: proven']);
    expect(subjects(k3sServer({ changes: ended, date: 'Fri Nov 20 09:59:58 UTC 2026' }))).toEqual([]);
  });
  it('are not judged without it, and it is asked for', () => {
    const { findings, notEvaluated } = report(k3sServer({ changes: ended, date: null }));
    expect(findings).toEqual([]);
    expect(notEvaluated).toMatchObject([{ node: 'cp', needs: ['date'] }]);
  });
  it('are judged by the clock of a client that refused one where the time of the capture is not known', () => {
    const refusal = (now: string) =>
      parseSnapshot({
        'cp/hostname': 'cp\n',
        'cp/certificates.txt': certificatesWith(ended),
        'cp/kubectl.log': `Unable to connect to the server: Get "https://127.0.0.1:6443/api?timeout=32s": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time ${now} is after 2026-11-20T09:59:59Z\n`,
      });
    expect(subjects(refusal('2026-11-20T10:00:00Z'))).toEqual(['expired: likely']);
    expect(subjects(refusal('2026-11-20T09:59:58Z'))).toEqual([]);
  });
  it('of an authority want it replaced, of the rest a restart', () => {
    const fixOf = (changes: NonNullable<Parameters<typeof certificatesWith>[0]>) =>
      report(k3sServer({ changes })).findings[0]?.fix?.steps.map(({ command }) => command.split('\n')[0]);
    expect(fixOf(ended)).toEqual(['systemctl restart k3s']);
    const steps = fixOf({ 'tls/client-ca.crt': { to: 'Nov 20 09:59:59 2026 GMT' } });
    expect(steps?.[0]).toBe('systemctl stop k3s');
    expect(steps?.join()).toContain('client-ca.key');
    expect(steps?.join()).not.toContain('server-ca.key');
  });
});

const octet = fc.integer({ min: 16, max: 255 }).map((value) => value.toString(16));
const authorities = [
  ['tls/server-ca.crt', 'server-ca', 'a1'],
  ['tls/client-ca.crt', 'client-ca', 'b2'],
  ['tls/request-header-ca.crt', 'request-header-ca', 'c3'],
] as const;

it('an authority of whatever key is found out exactly when it is not the one that signed', () => {
  fc.assert(
    fc.property(fc.constantFrom(...authorities), octet, ([file, name, key], other) => {
      const found = subjects(k3sServer({ changes: { [file]: { key: other, issuerKey: other } } }));
      expect(found).toEqual(other === key ? [] : [`stale ${name}: proven`]);
    }),
    { numRuns: 30 },
  );
});

it('rke2 has a folder and units of its own', () => {
  const text = certificatesWith({ 'tls/server-ca.crt': { key: 'ee', issuerKey: 'ee' } }).replaceAll('/k3s/', '/rke2/');
  const [finding] = report(parseSnapshot({ 'cp/hostname': 'cp\n', 'cp/certificates.txt': text })).findings;
  expect(finding?.fix?.steps[0]?.command).toBe('systemctl stop rke2-server');
  expect(finding?.fix?.steps[1]?.command).toContain('/var/lib/rancher/rke2/server/tls');
});
