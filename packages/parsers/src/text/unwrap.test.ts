/** Texts within texts: what is taken out, and what is left as it is. */
import { describe, expect, it } from 'vitest';
import { parseSnapshot } from '../parse-snapshot.js';
import { unwrapped } from './unwrap.js';

const session = `root@gw-1:~# sysctl net.ipv4.ip_forward
net.ipv4.ip_forward = 0
root@gw-1:~# ip route
default via 10.0.0.1 dev eth0
10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.5
`;
const escaped = session.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const printable = session.replaceAll('=', '=3D').replace('proto kernel', 'proto =\nkernel').replace('gw', '=67w');

const part = (type: string, text: string) => `--b\nContent-Type: ${type}; charset=utf-8\n\n${text}\n`;
const attached = (name: string, text: string) =>
  `--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n${name === '' ? '' : `Content-Disposition: attachment;\n filename="${name}"\n`}\n${btoa(text).replace(/.{76}/g, '$&\n')}\n`;
/** Each within another has the same boundary with one letter more. */
const mail = (type: string, ...parts: readonly string[]) =>
  `From: a@example.org\nSubject: no way out\nMIME-Version: 1.0\nContent-Type: multipart/${type};\n boundary="b"\n\nThis is MIME.\n${parts
    .join('')
    .replaceAll('"b"', '"bb"')
    .replaceAll(/(?<=This is MIME[\s\S]*)--b(?=\n|--)/g, '--bb')}--b--\n`;

describe('what a file shows within', () => {
  it.each([
    [
      'a chat',
      JSON.stringify([
        { type: 'message', user: 'U1', text: 'hi' },
        { text: `\`\`\`${escaped}\`\`\``, ts: '1.2' },
      ]),
    ],
    ['an issue', JSON.stringify({ title: 'no way out', body: session, comments: [{ body: 'me too' }] }, null, 2)],
    ['a tracker', JSON.stringify({ key: 'OPS-1', fields: { description: `{noformat}\n${session}{noformat}` } })],
    ['a page in one line', `<div><p>Hello</p>${escaped.replaceAll('\n', '<br/>')}</div>`],
    [
      'a mail',
      `From: a@example.org\nContent-Type: text/plain;\n charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n${printable}`,
    ],
    ['a mail with an attachment', mail('mixed', part('text/plain', 'See below.'), attached('session.txt', session))],
    ['a mail in two forms', mail('alternative', attached('', session), part('text/html', `<pre>${escaped}</pre>`))],
    ['a mail within a mail', mail('mixed', part('message/rfc822', mail('mixed', part('text/plain', session))))],
    ['a mail that was cut off', mail('mixed', part('text/plain', session)).replace(/--b--\s*$/, '')],
  ])('is read: %s', (_, text) => {
    const { nodes, files } = parseSnapshot({ 'ticket.txt': text });
    expect(nodes.map(({ name }) => name)).toEqual(['gw-1']);
    expect(nodes[0]?.host.routes.rows).toHaveLength(2);
    expect(nodes[0]?.host.sysctl.byKey.get('net/ipv4/ip_forward')?.value).toBe('0');
    expect(files.map(({ name }) => name)).toEqual([expect.stringMatching(/^ticket\.txt \((?:messages|text)\)$/)]);
  });

  it('is in UTF-8', () => {
    expect(
      unwrapped('m', 'Content-Transfer-Encoding: quoted-printable\n\nGr=C3=B6=C3=9Fe =E2=82=AC =3D\n')?.[1],
    ).toContain('Größe € =');
  });
});

describe('a mail', () => {
  it('keeps other character sets, and what is no text it names', () => {
    const latin = mail(
      'mixed',
      '--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe =E9\n',
      '--b\nContent-Type: image/png; name=shot.png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n',
    );
    expect(unwrapped('m', latin)?.[1]).toBe('Grüße é\n\nThe attachment shot.png is no text.');
  });

  it('nested without end is read without a throw', () =>
    expect(unwrapped('m', 'Content-Transfer-Encoding: quoted-printable\n\n'.repeat(50_000))).not.toBeNull());
});

describe('what stays as it is', () => {
  it.each([
    ['objects of the API', JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', data: { text: 'a\nb\nc\nd\n' } })],
    ['outputs in JSON', '[{"ifname":"eth0","text":"a\\nb"}]'],
    ['JSON that ends too early', '[{"text": "a\\nb\\nc\\nd'],
    ['JSON that nests deep', `${'['.repeat(100_000)}"a\\nb"${']'.repeat(100_000)}`],
    ['a page with lines of its own', 'a<br>\nb<br>\nc<br>\nd\n'],
    ['lines that begin like a header', 'Name: a\nLabels: b\n\nAnnotations: c\n'],
    ['mail within mail without end', 'Content-Type: text/plain\n\n'.repeat(50_000)],
    ['mail that is plain', 'From: a\n\nContent-Transfer-Encoding: quoted-printable\n'],
  ])('%s', (_, text) => {
    expect(unwrapped('f', text)).toBeNull();
  });
});

describe('numbers of lines as grep -n prints them', () => {
  it('are the names of no machines', () => {
    const numbered = session
      .split('\n')
      .map((line, at) => `${at + 1}: ${line}\n`)
      .join('');
    expect(parseSnapshot({ 'ticket.txt': `${numbered}20: and so on\n` }).nodes.map(({ name }) => name)).toEqual([
      'gw-1',
    ]);
  });
});
