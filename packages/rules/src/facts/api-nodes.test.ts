/** The API and the dumps call one machine by different names. */
import { trace } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { files } from '../connection-fails/cases.world.js';
import { resolveOrigin } from '../who/origin.js';
import { apiNameOf, isOn, nodeCalled, objectOf } from './api-nodes.js';

const nodeObject = (name: string, ip: string) =>
  `- {apiVersion: v1, kind: Node, metadata: {name: ${name}}, status: {addresses: [{type: InternalIP, address: ${ip}}, {type: Hostname, address: ${name}}]}}\n`;
const podObject = (name: string, node: string, ip: string, hostNetwork = false) =>
  `- {apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: shop}, spec: {nodeName: ${node}, hostNetwork: ${hostNetwork}}, status: {phase: Running, podIP: ${ip}, podIPs: [{ip: ${ip}}]}}\n`;

/** The nodes east and west, in folders of these names. */
function cluster(names: { readonly east: string; readonly west: string }, items: string, hostname?: string) {
  const dumps = Object.entries(files()).flatMap(([path, text]) => {
    const [folder = '', name = ''] = path.split('/');
    return folder === 'east' || folder === 'west' ? [[`${names[folder]}/${name}`, text] as const] : [];
  });
  const said = hostname === undefined ? {} : { [`${names.west}/hostname`]: `${hostname}\n` };
  return parseSnapshot({
    ...Object.fromEntries(dumps),
    ...said,
    'kubernetes/objects.yaml': `apiVersion: v1\nkind: List\nitems:\n${items}`,
  });
}

const calledNow = (snapshot: ReturnType<typeof cluster>, name: string) => nodeCalled(snapshot, name)?.name ?? null;

describe('a node of the API', () => {
  it('is the captured one of that very name, whatever else looks like it', () => {
    const snapshot = cluster({ east: 'east', west: 'west' }, nodeObject('east', '172.22.5.12'));
    expect(calledNow(snapshot, 'east')).toBe('east');
  });

  it.each([
    ['West', undefined, 'west', 'in capitals'],
    ['host-2', 'WEST', 'west', 'by its host name'],
    ['west', undefined, 'west.lab.example', 'with its domain'],
    ['host-2', 'west.lab.example', 'west', 'without its domain'],
  ])('is found as %s (host name %s) where the API says %s: %s', (folder, hostname, name, _how) => {
    const snapshot = cluster({ east: 'east', west: folder }, podObject('cart', name, '10.61.2.7'), hostname);
    expect(calledNow(snapshot, name)).toBe(folder);
  });

  it('is found by its address, by a name that is an address, and by pods of the node’s own network', () => {
    const names = { east: 'bundle-1', west: 'bundle-2' };
    const byObject = cluster(names, nodeObject('w', '172.22.5.12'));
    expect(calledNow(byObject, 'w')).toBe('bundle-2');
    expect(apiNameOf(byObject, byObject.nodes[1] ?? expect.fail())).toBe('w');
    expect(objectOf(byObject, byObject.nodes[0] ?? expect.fail())).toBeNull();
    expect(calledNow(cluster(names, podObject('cart', '172.22.5.12', '10.61.2.7')), '172.22.5.12')).toBe('bundle-2');
    expect(calledNow(cluster(names, podObject('proxy', 'w', '172.22.5.12', true)), 'w')).toBe('bundle-2');
  });

  it('is nobody where the names and the addresses are of no captured node, or of several', () => {
    const names = { east: 'bundle-1', west: 'bundle-2' };
    expect(calledNow(cluster(names, nodeObject('w', '172.22.5.99')), 'w')).toBeNull();
    expect(calledNow(cluster(names, podObject('cart', 'w', '10.61.2.7')), 'w')).toBeNull();
    const twins = cluster({ east: 'w.east', west: 'w.west' }, podObject('cart', 'w', '10.61.2.7'));
    expect(calledNow(twins, 'w')).toBeNull();
  });

  it('has its pods, which a connection may start from', () => {
    const snapshot = cluster(
      { east: 'bundle-1', west: 'bundle-2' },
      nodeObject('w.lab', '172.22.5.12') + podObject('cart', 'w.lab', '10.61.2.7'),
    );
    const west = snapshot.nodes.find(({ name }) => name === 'bundle-2') ?? expect.fail();
    expect(isOn(snapshot, west, 'w.lab')).toBe(true);
    const origin = resolveOrigin(snapshot, 'pod:cart', null);
    expect(origin.ok && [origin.who.node, origin.who.iface]).toEqual(['bundle-2', 'cni0']);
    if (!origin.ok) return;
    const to = { ip: west.host.addresses.rows[0]?.ip ?? expect.fail(), port: null };
    expect(
      trace(snapshot, { from: origin.value, to, proto: 1, sport: null, assume: 'defaults' }).verdict,
    ).toBeDefined();
  });
});
