/** Of which protocols a listing of sockets shows every one that waits for packets. */
import { describe, expect, it } from 'vitest';
import { sectionOf } from '../testing.js';
import { netstatFormat } from './netstat.js';
import { ssFormat } from './ss.js';

describe('the protocols whose listeners are all there', () => {
  const listens = (text: string, given: Parameters<typeof sectionOf>[1], format = ssFormat) => {
    const facts = format.parse(sectionOf(text, given)).value.find((one) => one.kind === 'sockets');
    return facts?.kind === 'sockets' ? facts.listens : null;
  };
  const old =
    'State      Recv-Q Send-Q Local Address:Port  Peer Address:Port\nLISTEN     0      128          *:22              *:*\n';
  const row = 'LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n';
  const wide = 'Active Internet connections (servers and established)\ntcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN 1/sshd\n';

  it.each([
    ['ss -lnt', ['tcp']],
    ['ss -lnu', ['udp']],
    ['ss -lntup', ['tcp', 'udp']],
    ['ss -tn', []],
    ['ss -lnt sport = :22', []],
  ])('after %s', (command, expected) => expect(listens(old, { command })).toEqual(expected));

  it.each([
    ['a file without the Netid column is of one protocol', old, ['tcp']],
    ['rows without a heading may be what grep let through', row, []],
    ['a row that breaks off hides what stood there', `${row}LISTEN 0 128 0.0.0.0:64`, []],
    ['a row that is damaged hides what stood there', `${row}LISTEN 0 128 10.x.0.1 *\n`, []],
  ])('%s', (_, text, expected) => expect(listens(text, {})).toEqual(expected));

  const heading = 'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n';
  const listing = `${heading.replace('Netid ', '')}${row}`;
  const established = 'ESTAB 0 0 10.0.0.1:22 10.0.0.9:50000\n';
  it.each([
    ['n1/ss.txt', heading, ['tcp', 'udp']],
    ['n1/ss.txt', `State Recv-Q Send-Q Local Address:Port Peer Address:Port\n${established}`, []],
    ['n1/ss.txt', heading.replace('Netid ', ''), []],
    ['n1/sockets.txt', heading, []],
    ['sos_commands/networking/ss_-peaonmi', heading, ['tcp', 'udp']],
    ['n1/ss-lnt.txt', heading, ['tcp']],
    ['networking/ssuapn', heading, ['udp']],
    ['networking/ss4apn', heading, []],
    ['networking/ss4apn', listing, []],
    ['n1/ss_-4_-tuan', listing, []],
    ['n1/ss-tan-state-listening.txt', listing, []],
    ['n1/ss.txt', listing, ['tcp']],
    ['n1/ss-node-4.txt', listing, []],
    ['n1/ss-master.txt', listing, ['tcp']],
    ['n1/sockets.txt', listing, []],
    ['n1/sockets.txt', `${listing}LISTEN 0 128 [::]:22 [::]:*\n`, ['tcp']],
    ['n1/sockets.txt', `${listing}LISTEN 0 128 *:22 *:*\n`, ['tcp']],
    ['n1/ss.txt', row, []],
    ['n1/ss-tn.txt', heading, []],
    ['n1/ss-eastern.txt', heading, []],
  ])('a file named %s', (path, text, expected) => expect(listens(text, { path })).toEqual(expected));

  it('a heading whose end was cut off, as a narrow window does, speaks for none', () => {
    expect(listens(heading, { command: 'ss -tulpn' })).toEqual(['tcp', 'udp']);
    expect(listens(heading.replace('ess\n', '\n'), { command: 'ss -tulpn' })).toEqual([]);
  });

  it('pasted headings speak for none', () => {
    expect(listens(heading, { path: 'ss.txt', freeForm: true })).toEqual([]);
  });

  it.each([
    ['netstat -plant', wide, ['tcp']],
    [null, wide, []],
    [null, `${wide}tcp6 0 0 :::22 :::* LISTEN 1/sshd\n`, ['tcp']],
    [null, `${wide}tcp 0 0 0.0.0.0:64`, []],
  ])('after netstat (%s)', (command, text, expected) => {
    expect(listens(text, { command }, netstatFormat)).toEqual(expected);
  });

  it.each([
    ['networking/netstat', wide, ['tcp']],
    ['n1/netstat_-4_-lntp', wide, []],
    ['n1/netstat.txt', wide.slice(wide.indexOf('tcp')), []],
  ])('a file of netstat named %s', (path, text, expected) => {
    expect(listens(text, { path }, netstatFormat)).toEqual(expected);
  });
});
