/** What a snapshot holds of a dump, and what is said of what it lacks. */
import { capturedOf, type DumpId, gapOf, type Snapshot } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { lacks } from './present.js';

const rules = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n';
const address = '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n';
const snapshot = parseSnapshot({
  'n/iptables-save.txt': rules,
  'n/ip-route.txt': '10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 \n',
  'n/ip-addr.txt': address,
  'n/ip-neigh.txt': '10.0.0.2 dev eth0 lladdr 52:54:00:00:00:02 REACHABLE \n',
  'n/session.txt': 'n# sysctl net.ipv4.ip_forward\nnet.ipv4.ip_forward = 1\n',
});

function hostOf({ nodes }: Snapshot) {
  const [node] = nodes;
  if (node === undefined) throw new Error('no node was read');
  return node.host;
}

describe('a dump of a namespace', () => {
  it.each<[DumpId, string]>([
    ['ipset-list', 'is not in the snapshot'],
    ['ip-6-route', 'is not in the snapshot'],
    ['ip6tables-save', 'is not in the snapshot'],
    ['sysctl', 'is in the snapshot only in part'],
    ['ip-addr', 'is in the snapshot only in part'],
    ['ip-route', 'is in the snapshot only in part'],
    ['iptables-save', 'as captured does not say'],
    ['ip-neigh', 'as captured does not say'],
  ])('%s %s', (id, lacking) => {
    expect(gapOf('n', hostOf(snapshot), id)).toBe(`(n: ${id} ${lacking})`);
  });

  it('is absent where nothing of the node was captured', () => {
    expect(gapOf('n', null, 'sysctl')).toBe('(n: sysctl is not in the snapshot)');
  });

  it('is told from dumps of other things', () => {
    expect(capturedOf(hostOf(snapshot), 'nodes')).toBeNull();
  });
});

describe('what a whole snapshot lacks', () => {
  it('is what no node holds', () => {
    expect(lacks(snapshot, ['ipset-list', 'ss'])).toBe(true);
    expect(lacks(snapshot, ['ipset-list', 'sysctl'])).toBe(false);
    expect(lacks(snapshot, ['ippools', 'nodes'])).toBe(true);
  });

  it('takes what no table lists to be there', () => {
    expect(lacks(parseSnapshot({}), ['certificates'])).toBe(false);
    expect(lacks(parseSnapshot({}), ['sysctl'])).toBe(true);
  });
});
