/** Which files are taken to break off: few that lack their last line feed among many that have it. */
import { describe, expect, it } from 'vitest';
import { parseSnapshot } from '../parse-snapshot.js';

const rules =
  '0:\tfrom all lookup local\n100:\tfrom 10.9.0.0/16 lookup 100\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';
const others = {
  'n1/hostname': 'n1\n',
  'n1/ip-route.txt': 'default via 10.0.0.1 dev eth0 \n10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.5 \n',
  'n1/ip-neigh.txt': '10.0.0.1 dev eth0 lladdr 52:54:00:00:00:01 REACHABLE \n',
};
const socket = 'LISTEN 0 4096 0.0.0.0:22 0.0.0.0:*\n';
const sockets = `Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port\ntcp ${socket}tcp ${socket}`;

const read = (files: Readonly<Record<string, string>>) => {
  const { nodes, diagnostics } = parseSnapshot(files);
  const codes = diagnostics.filter(({ code }) => code === 'assemble/breaks-off');
  return { host: nodes[0]?.host, said: codes.map(({ span }) => [span.start, span.end]) };
};

describe('a file without its last line feed', () => {
  it.each([
    [
      'beside files that have theirs breaks off',
      { ...others, 'n1/ip-rule.txt': rules.slice(0, rules.indexOf('\n32767')) },
      'partial',
    ],
    [
      'whose last line looks like another output breaks off',
      { ...others, 'n1/ip-rule.txt': rules.slice(0, rules.indexOf('m all lookup main')) },
      'partial',
    ],
    ['that ends with what nothing follows is whole', { ...others, 'n1/ip-rule.txt': rules.slice(0, -1) }, 'complete'],
    [
      'is whole where whoever collected took away all of them',
      Object.fromEntries(
        Object.entries({ ...others, 'n1/ip-rule.txt': rules.slice(0, rules.indexOf('\n32767')) }).map(
          ([name, text]) => [name, text.trimEnd()],
        ),
      ),
      'complete',
    ],
    [
      'is whole where nothing tells what is usual',
      { 'n1/hostname': 'n1\n', 'n1/ip-rule.txt': rules.slice(0, rules.indexOf('\n32767')) },
      'complete',
    ],
  ])('%s', (_, files, state) => {
    const { host, said } = read(files);
    expect(host?.policyRules4.state).toBe(state);
    expect(said.length).toBe(state === 'partial' ? 1 : 0);
  });

  it.each([
    'Terminated',
    'bash: line 7:  4711 Killed                  ip rule show',
    'write error: No space left on device',
    "command 'ip rule' timed out after 30s",
    '已终止',
    'bash: Zeile 3:  991 Getötet                 ip rule',
    'ip: Schreibfehler: Auf dem Gerät ist kein Speicherplatz mehr verfügbar',
  ])('and one that ends with "%s" was stopped', (line) => {
    const { nodes, diagnostics } = parseSnapshot({ 'n1/hostname': 'n1\n', 'n1/ip-rule.txt': `${rules}${line}\n` });
    expect(nodes[0]?.host.policyRules4.state).toBe('partial');
    expect(diagnostics.map(({ code }) => code)).toContain('assemble/was-stopped');
  });

  it('shows its last line', () => {
    const text = rules.slice(0, rules.indexOf('m all lookup main'));
    expect(read({ ...others, 'n1/ip-rule.txt': text }).said).toEqual([[text.lastIndexOf('\n') + 1, text.length]]);
  });

  it('does not tell what is not listened on', () => {
    expect(read({ ...others, 'n1/ss.txt': sockets }).host?.sockets.listens).not.toEqual([]);
    expect(read({ ...others, 'n1/ss.txt': sockets.trimEnd() }).host?.sockets.listens).toEqual([]);
  });

  it('does not tell the servers of the last virtual service', () => {
    const services =
      'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\nTCP 10.96.0.1:443 rr\n  -> 10.0.0.5:6443 Masq 1 0 0\nTCP 10.96.0.10:53 rr\n  -> 10.244.0.2:53 Masq 1 0';
    expect(read({ ...others, 'n1/ipvsadm.txt': services }).host?.ipvs).toMatchObject({
      state: 'partial',
      rows: [{ servers: [{}] }],
    });
  });

  it('does not show its last reservation, of which half an id may be left', () => {
    const listing =
      '==> /var/lib/cni/networks/cbr0/10.244.1.43 <==\n72afbe2009273aa\neth0\n\n==> /var/lib/cni/networks/cbr0/10.244.1.44 <==\n72';
    const { nodes } = parseSnapshot({ ...others, 'n1/cni-networks.txt': listing });
    expect(nodes[0]?.reservations).toMatchObject({ state: 'partial', rows: [{ containerId: '72afbe2009273aa' }] });
  });
});
