import { readFileSync } from 'node:fs';
import { type Certificate, formatIp, type TlsObservation } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Section } from '../format.js';
import { parseSnapshot } from '../parse-snapshot.js';
import { hostileTexts, ledgerIsComplete, sectionOf, slowLines, textAt } from '../testing.js';
import { certificateFormats } from './index.js';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
const [x509, verify] = certificateFormats;
if (x509 === undefined || verify === undefined) throw new Error('formats');

function read(text: string, given: Partial<Section> = {}) {
  const section = sectionOf(text, given);
  const parsed = x509?.parse(section) ?? { value: [], diagnostics: [], ledger: new Uint8Array() };
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const rows: Certificate[] = parsed.value.flatMap((facts) => (facts.kind === 'certificates' ? facts.rows : []));
  const tls: TlsObservation[] = parsed.value.flatMap((facts) => (facts.kind === 'tls' ? facts.rows : []));
  return { section, parsed, rows, tls };
}

/** Without what only one of the forms shows. */
const common = (one: Certificate) => {
  const { der, span, trust, place, ...rest } = one;
  return {
    ...rest,
    ips: one.ips.map(formatIp),
    der: der === null ? null : 'der',
    placed: span.end > span.start && trust === undefined,
  };
};

describe('names', () => {
  it.each(['x509-constraints.txt', 'x509-multiline.txt'])(
    '%s: those of constraints and authorities are not its own',
    (name) => {
      const [one, another] = read(fixture(name)).rows;
      expect(another).toBeUndefined();
      expect([one?.subject, one?.subjectCn]).toEqual([
        'O=system:masters, UID=7, CN=kube, "api" server',
        'kube, "api" server',
      ]);
      expect(one?.dnsNames).toEqual(['kubernetes.default.svc']);
      expect(one?.ips.map(formatIp)).toEqual(['10.96.0.1', 'fd00:10:96::1']);
    },
  );
  it('without their heading are those of the certificate (grep)', () => {
    const [one] = read('        Subject: CN = api\n                DNS:a.b, IP Address:10.0.0.1\n').rows;
    expect(one?.dnsNames).toEqual(['a.b']);
  });
  it.each([
    ['pkcs7.txt', ['kube, "api" server', 'kubernetes']],
    ['pkcs12.txt', ['kube, "api" server']],
  ])('%s: the names above a block are those of the block', (name, subjects) => {
    const { rows, parsed } = read(fixture(name));
    expect(rows.map(({ subjectCn, place }) => [subjectCn, place.kind === 'file' && place.index])).toEqual(
      subjects.map((subject, index) => [subject, index]),
    );
    expect(rows.every(({ der }) => der !== null)).toBe(true);
    expect([...parsed.ledger].every((state) => state !== 0)).toBe(true);
  });
});

describe('openssl x509 -text', () => {
  const { rows, parsed, section } = read(fixture('x509-text.txt'));
  it('reads each certificate of a file', () => {
    expect(rows.map((one) => [one.subject, one.issuerCn, one.ca])).toEqual([
      ['O=k3s, CN=k3s', 'k3s-server-ca@1577836800', false],
      ['CN=k3s-server-ca@1577836800', 'k3s-server-ca@1577836800', true],
      ['C=DE, O=Example, Inc., CN=rsa ca', 'rsa ca', true],
    ]);
  });
  it('reads names, times, key ids and usages', () => {
    const [leaf, , rsa] = rows;
    expect(leaf?.dnsNames).toEqual(['kubernetes', 'kubernetes.default']);
    expect(leaf?.ips.map(formatIp)).toEqual(['127.0.0.1', '::1', '172.29.10.100', '10.43.0.1']);
    expect(leaf?.otherNames).toEqual(['URI:spiffe://x/y', 'email:a@b.c']);
    expect(leaf?.keyUsage).toEqual(['Digital Signature', 'Key Encipherment']);
    expect(leaf?.extendedKeyUsage).toEqual(['TLS Web Server Authentication', 'TLS Web Client Authentication']);
    expect(leaf?.authorityKeyId).toBe('C0:62:86:A4:C8:68:D6:B8:D8:CD:64:53:E6:55:6D:3F:85:FB:4D:B4');
    expect(leaf?.authorityKeyId).toBe(rows[1]?.subjectKeyId);
    expect(new Date(leaf?.notBefore ?? 0).toISOString()).toBe('2026-11-21T00:01:22.000Z');
    expect(leaf?.signatureAlgorithm).toBe('ecdsa-with-SHA256');
    expect(leaf?.signature).toMatch(/^3045022072[0-9a-f]+f2$/);
    expect(rsa?.pathLength).toBe(0);
    expect(rsa?.der).not.toBeNull();
  });
  it('accounts for every line, and covers each certificate with its span', () => {
    expect([...parsed.ledger].every((state) => state !== 0)).toBe(true);
    for (const one of rows) expect(textAt(section, one.span)).toMatch(/^Certificate:\n/);
  });
});

describe('the other forms say the same as the text', () => {
  const text = read(fixture('x509-text.txt')).rows;
  it('PEM', () => {
    const [leaf] = read(fixture('server.pem')).rows;
    expect({ ...common(leaf as Certificate), der: null }).toEqual({ ...common(text[0] as Certificate), der: null });
    const [rsa] = read(fixture('rsa.pem')).rows;
    expect(common(rsa as Certificate)).toEqual(common(text[2] as Certificate));
  });
  it('single prints', () => {
    const [leaf] = read(fixture('x509-prints.txt')).rows;
    const silent = {
      version: null,
      publicKey: null,
      publicKeyAlgorithm: null,
      signatureAlgorithm: null,
      signature: null,
    };
    expect(common(leaf as Certificate)).toEqual({ ...common(text[0] as Certificate), ...silent });
  });
  it('names in the compat spelling', () => {
    expect(read(fixture('x509-compat.txt')).rows[0]?.subject).toBe(text[2]?.subject);
  });
  it('an address of electronic mail as old versions print it', () => {
    const [one] = read('subject=O=k3s, CN=node 1/emailAddress=a@b.c\n').rows;
    expect([one?.subjectCn, one?.subject]).toEqual(['node 1', 'O=k3s, CN=node 1, emailAddress=a@b.c']);
  });
  it.each([
    [
      'with their heading',
      '            X509v3 Subject Alternative Name: \n                DNS:a, IP Address:0:0:0:0:0:0:0:1\n',
    ],
    ['as grep leaves them', '                DNS:a, IP Address:0:0:0:0:0:0:0:1\n'],
  ])('names alone, %s', (_name, given) => {
    const { rows, section } = read(given);
    expect(rows.map((one) => [one.dnsNames, one.ips.map(formatIp)])).toEqual([[['a'], ['::1']]]);
    expect(x509?.line(section.file.text.split('\n')[0] ?? '')).toBe('opens');
  });
  it('a directory name with a comma in it', () => {
    const [one] = read('X509v3 Subject Alternative Name: \n    DNS:a, DirName:/CN=foo/O=bar, baz\n').rows;
    expect(one?.otherNames).toEqual(['DirName:/CN=foo/O=bar, baz']);
  });
  it('a key id of old versions', () => {
    const old =
      'Certificate:\n    Data:\n        Serial Number: 1 (0x1)\n        X509v3 extensions:\n            X509v3 Authority Key Identifier: \n                keyid:C0:62:86\n                DirName:/CN=x\n                serial:02\n\n            X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:3\n        Subject: CN=a\n';
    expect(read(old).rows.map((one) => [one.serial, one.authorityKeyId, one.ca, one.pathLength])).toEqual([
      ['01', 'C0:62:86', true, 3],
    ]);
  });
});

describe('openssl s_client', () => {
  it('gives the chain and the verdict for the address that was dialled', () => {
    const { tls, rows, parsed } = read(fixture('s_client-bad.txt'), {
      command: 'openssl s_client -connect 192.168.3.123:10250',
    });
    expect(tls.map((one) => [one.kind, one.subject, one.verdict])).toEqual([
      ['s_client', '192.168.3.123:10250', '19 (self-signed certificate in certificate chain)'],
    ]);
    expect(rows.map((one) => one.subjectCn)).toContain('k3s');
    expect([...parsed.ledger].filter((state) => state === 0)).toEqual([]);
  });
  it('gives every certificate of -showcerts', () => {
    expect(
      new Set(
        read(fixture('s_client.txt'))
          .rows.filter((one) => one.der !== null)
          .map((one) => one.subjectCn),
      ),
    ).toEqual(new Set(['k3s', 'k3s-server-ca@1577836800']));
  });
});

describe('PEM among other things', () => {
  const pem = fixture('server.pem');
  const found = (text: string, name = 'n/a.crt') =>
    parseSnapshot({ 'n/hostname': 'n\n', [name]: text }).nodes.flatMap(({ certificates }) =>
      certificates.map(({ place }) => place),
    );

  it.each([
    ['a chain', pem + fixture('rsa.pem'), [0, 1]],
    ['a chain with remarks', `# leaf\n${pem}\n# issuer\n${fixture('rsa.pem')}`, [0, 1]],
    ['one alone', pem, [0]],
  ])('%s', (_, text, indices) => {
    expect(found(text)).toEqual(indices.map((index) => ({ kind: 'file', path: 'n/a.crt', index })));
  });
  it('in a ticket, below its command', () => {
    const text = `Hello,\n[root@n ~]# cat /tls/server-ca.crt\n${pem}${pem}[root@n ~]# cat x.crt\n${pem}`;
    expect(found(text, 'ticket.txt')).toEqual([
      { kind: 'file', path: '/tls/server-ca.crt', index: 0 },
      { kind: 'file', path: '/tls/server-ca.crt', index: 1 },
      { kind: 'file', path: 'x.crt', index: 0 },
    ]);
  });
});

describe('text that grep thinned out', () => {
  const lines = (cn: string, ca: string) =>
    `        Issuer: CN = x\n            Not Before: Nov 20 06:41:43 2026 GMT\n        Subject: CN = ${cn}\n                CA:${ca}\n`;
  const told = (text: string) => read(text).rows.map((one) => [one.subjectCn, one.issuerCn, one.ca, one.place]);
  const place = (path: string | null, index: number) => ({ kind: 'file', path, index });

  it('is one certificate for each name', () => {
    expect(told(`a.crt\n${lines('a', 'TRUE')}b.crt\n${lines('b', 'FALSE')}`)).toEqual([
      ['a', 'x', true, place('a.crt', 0)],
      ['b', 'x', false, place('b.crt', 0)],
    ]);
  });
  it('and without names begins where a line comes again', () => {
    expect(told(lines('a', 'TRUE') + lines('b', 'FALSE'))).toEqual([
      ['a', 'x', true, place(null, 0)],
      ['b', 'x', false, place(null, 1)],
    ]);
  });
});

describe('where a certificate was found', () => {
  const text = fixture('x509-text.txt').split(/^(?=Certificate:)/m)[0] ?? '';
  const places = (given: string, more: Partial<Section> = {}) => read(given, more).rows.map(({ place }) => place);
  const file = (path: string | null, index = 0) => ({ kind: 'file', path, index });

  it.each([
    ['openssl x509 -in tls/server-ca.crt -noout -text', 'tls/server-ca.crt'],
    ['openssl x509 -noout -text -in "client-ca.crt" | grep -A1 Alternative', 'client-ca.crt'],
    ['openssl x509 -text < /etc/kubernetes/pki/ca.crt', '/etc/kubernetes/pki/ca.crt'],
    ['cat a.pem | openssl x509 -noout -text', 'a.pem'],
    ['openssl x509 -in $f -noout -text', null],
  ])('%s', (command, path) => {
    expect(places(text, { command })).toEqual([file(path)]);
  });
  it('the file that find printed above each', () => {
    const printed = `/tls/server-ca.crt\n${text}/tls/client-ca.crt\n${text}`;
    expect(places(printed)).toEqual([file('/tls/server-ca.crt'), file('/tls/client-ca.crt')]);
    expect([...read(printed).parsed.ledger].filter((state) => state === 0)).toEqual([]);
  });
  it('decorated names, in any language', () => {
    expect(places(`### server-ca.crt ###\n${text}文件：a/b.pem\n${text}`)).toEqual([
      file('server-ca.crt'),
      file('a/b.pem'),
    ]);
  });
  it('the path of a captured file, and the chain behind its own certificate', () => {
    const pem = fixture('server.pem');
    expect(places(pem + pem, { path: 'n/tls/serving-kubelet.crt' })).toEqual([
      file('n/tls/serving-kubelet.crt', 0),
      file('n/tls/serving-kubelet.crt', 1),
    ]);
  });
  it('the address that presented it', () => {
    const command = 'openssl s_client -connect 10.0.0.1:10250 </dev/null 2>/dev/null | openssl x509 -noout -text';
    expect(places(text, { command })).toEqual([{ kind: 'served', address: '10.0.0.1:10250', index: 0 }]);
  });
});

describe('openssl verify', () => {
  const rows = (text: string) =>
    verify?.parse(sectionOf(text)).value.flatMap((facts) => (facts.kind === 'tls' ? facts.rows : [])) ?? [];
  it('names each file with its outcome', () => {
    expect(rows(fixture('verify.txt')).map((one) => [one.subject, one.verdict])).toEqual([
      ['s.crt', 'OK'],
      ['s.crt', 'error 20 at 0 depth: unable to get local issuer certificate'],
    ]);
  });
});

describe('damage', () => {
  it('of PEM is said, and the lines stay unread', () => {
    const { parsed, rows } = read('-----BEGIN CERTIFICATE-----\nTUlJRQ==\n-----END CERTIFICATE-----\n');
    expect(parsed.diagnostics.map((one) => one.code)).toEqual(['certificate/bad-pem']);
    expect([...parsed.ledger]).toEqual([0, 0, 0]);
    expect(rows[0]?.der).toBeNull();
  });
  it('of PEM without an end is said', () => {
    const cut = fixture('server.pem').split('\n').slice(0, 6).join('\n');
    expect(read(cut).parsed.diagnostics.map((one) => one.code)).toContain('certificate/cut-off');
  });
  it('of dates is said', () => {
    expect(read('subject=CN = a\nnotAfter=tomorrow\n').parsed.diagnostics.map((one) => one.code)).toEqual([
      'certificate/bad-date',
    ]);
  });
});

describe('recognition', () => {
  it('is by lines that nothing else prints', () => {
    for (const line of [
      'Certificate:',
      '-----BEGIN CERTIFICATE-----',
      'subject=O = k3s, CN = k3s',
      'notAfter=Nov 21 00:01:22 2027 GMT',
      'CONNECTED(00000003)',
    ]) {
      expect(x509?.line(line), line).toBe('opens');
    }
    for (const line of [
      'Certificate: see below',
      'subject=hello',
      'issuer of doom',
      '    inet 10.0.0.1/24',
      '-----BEGIN RSA PRIVATE KEY-----',
      'depth of water',
    ]) {
      expect(x509?.line(line), line).toBeNull();
    }
    expect(verify?.line('s.crt: OK')).toBe('opens');
    expect(verify?.line('it is all: OK')).toBeNull();
  });
});

describe('any text', () => {
  it('never throws, and every line is accounted for', () => {
    const pieces = ['x509-text.txt', 'x509-prints.txt', 's_client.txt', 'verify.txt', 'server.pem'].flatMap((name) =>
      fixture(name).split('\n'),
    );
    const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...hostileTexts), fc.string()), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(text, (lines) => {
        const section = sectionOf(lines.join('\n'));
        for (const format of certificateFormats) {
          for (const line of lines) format.line(line);
          expect(ledgerIsComplete(section, format.parse(section))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
  it('reads certificates with any octet changed without throwing', () => {
    const lines = fixture('server.pem').split('\n');
    fc.assert(
      fc.property(fc.nat(700), fc.constantFrom('A', '/', 'g', '+'), (at, letter) => {
        const body = lines.slice(1, -2).join('');
        const changed = body.slice(0, at) + letter + body.slice(at + 1);
        read(`-----BEGIN CERTIFICATE-----\n${changed}\n-----END CERTIFICATE-----\n`);
      }),
    );
  });
  it('takes linear time', () => {
    const readLine = (line: string) => {
      for (const format of certificateFormats) {
        format.line(line);
        format.parse(sectionOf(line));
      }
    };
    const pieces = ['00:', 'CN = a, ', '-----BEGIN CERTIFICATE-----', 'subject=', 'A', ' '];
    expect(slowLines(pieces, 1500, readLine)).toEqual([]);
  });
});
