/** How flannel carries packets between nodes, as configured, announced, logged or seen. flannel: Documentation/backends.md. */
import {
  type Address,
  type Evidence,
  formatPrefix,
  type Node,
  parseIp,
  type Route,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { fieldOfObject } from '../facts/part-of.js';
import { annotation } from './announced.js';
import { type FlannelNode, flannelDevices, flannelLogs, networkOf, type Told } from './flannel-node.js';

export type Backend = 'vxlan' | 'host-gw' | 'udp' | 'other';

/** The most direct source first; null where nothing tells. */
export function backendOf(snapshot: Snapshot, one: FlannelNode): Told<Backend> | null {
  return (
    announced(snapshot, one) ?? configured(one) ?? logged(one) ?? seen(one) ?? gatewayLogged(one) ?? routed(snapshot)
  );
}

function told(
  text: string,
  evidence: Evidence,
  source: string,
  trust: Told<Backend>['trust'] = 'captured',
): Told<Backend> {
  const known = text.toLowerCase();
  const value: Backend = known === 'vxlan' || known === 'host-gw' || known === 'udp' ? known : 'other';
  return { value, evidence, trust, source };
}

function announced(snapshot: Snapshot, { object }: FlannelNode): Told<Backend> | null {
  const text = object === null ? null : annotation(object, 'backend-type');
  if (object === null || text === null) return null;
  const evidence = {
    span: fieldOfObject(snapshot, object, 'backend-type', text),
    why: `backend of ${object.meta.name}: ${text}`,
  };
  return told(text, evidence, 'annotation', object.trust);
}

function configured({ node }: FlannelNode): Told<Backend> | null {
  const rows = node?.settings ?? [];
  const type = rows.find(
    ({ source, key }) =>
      (source === 'net-conf' && key === 'Backend.Type') ||
      (source === 'k3s' && key === 'flannel-backend') ||
      (source === 'k3s-config' && key === 'flannel-backend'),
  );
  if (type !== undefined)
    return told(type.value, { span: type.span, why: `backend: ${type.value}` }, type.source, type.trust);
  const whole = rows.find(({ source, key }) => source === 'net-conf' && key === 'Network');
  // flannel's own default where the configuration names none.
  return whole === undefined || rows.some(({ source, key }) => source === 'net-conf' && key.startsWith('Backend'))
    ? null
    : told('udp', { span: whole.span, why: 'no backend named: udp' }, 'net-conf', 'repaired');
}

function logged({ node }: FlannelNode): Told<Backend> | null {
  const row = node === null ? undefined : flannelLogs(node).find(({ event }) => event === 'flannel-backend');
  return row === undefined
    ? null
    : told(row.data['backend'] ?? '', { span: row.span, why: 'the backend, as flanneld logged it' }, 'log', 'claimed');
}

/** Only backends of plain routes log the gateway of a subnet. */
function gatewayLogged({ node }: FlannelNode): Told<Backend> | null {
  const row =
    node === null
      ? undefined
      : flannelLogs(node).find(({ event, data }) => event === 'flannel-subnet-added' && data['via']);
  return row === undefined
    ? null
    : told('host-gw', { span: row.span, why: 'a subnet behind a gateway: host-gw' }, 'log', 'claimed');
}

/** A captured node routes what another leased to an address of that node itself, and no node has a tunnel. */
function routed({ nodes }: Snapshot): Told<Backend> | null {
  if (nodes.some((node) => flannelDevices(node).length > 0)) return null;
  const route = nodes.flatMap(({ host }) => host.routes.rows).find((row) => nodes.some((peer) => leadsTo(row, peer)));
  if (route === undefined) return null;
  return told('host-gw', { span: route.span, why: 'leads to the node of the subnet itself: host-gw' }, 'route');
}

function leadsTo({ dst, nexthops }: Route, { settings, host }: Node): boolean {
  const [hop] = nexthops;
  const leased = settings.some(({ key, value }) => {
    const subnet = key === 'FLANNEL_SUBNET' || key === 'FLANNEL_IPV6_SUBNET' ? networkOf(value) : null;
    return subnet !== null && formatPrefix(subnet) === formatPrefix(dst);
  });
  return leased && hop?.via != null && host.addresses.rows.some(({ ip }) => hop.via !== null && sameIp(ip, hop.via));
}

function seen({ node }: FlannelNode): Told<Backend> | null {
  if (node === null) return null;
  const names = flannelDevices(node);
  const vtep = names.find((name) => /^flannel(?:-v6)?\.\d+$/.test(name));
  const name = vtep ?? names.find((one) => one === 'flannel0');
  const row = name === undefined ? undefined : rowOfDevice(node, name);
  if (name === undefined || row === undefined) return null;
  const [backend, why] = vtep === undefined ? ['udp', 'the udp backend'] : ['vxlan', 'VXLAN'];
  return told(backend, { span: row.span, why: `${name}: ${why}` }, 'device', row.trust);
}

/** The first that names the device, its own entry before all others. */
function rowOfDevice({ host }: Node, name: string): Pick<Address, 'span' | 'trust'> | undefined {
  return (
    host.links.rows.find((link) => link.name === name) ??
    [...host.addresses.rows, ...host.neighbours.rows, ...host.fdb.rows].find(({ dev }) => dev === name) ??
    host.routes.rows.find(({ nexthops }) => nexthops.some(({ dev }) => dev === name))
  );
}

/** The address that flannel itself takes for a node's, else all that are known. */
export function chosenAddresses(snapshot: Snapshot, peer: FlannelNode): FlannelNode['publicIps'] {
  const announcedOnes = peer.publicIps.filter(({ source }) => source.startsWith('public-ip'));
  const devices = peer.publicIps.filter(
    ({ source, value }) =>
      source === 'device' && !announcedOnes.some((announcedOne) => announcedOne.value.family === value.family),
  );
  const chosen = [...announcedOnes, ...devices];
  if (chosen.length > 0) return chosen;
  const logs = snapshot.nodes
    .filter((node) => node === peer.node)
    .flatMap((node) => flannelLogs(node))
    .filter(({ event }) => event === 'flannel-external-address' || event === 'flannel-interface');
  const fitting = peer.publicIps.filter(({ value }) => logs.some(({ data }) => sameText(data['address'], value)));
  return fitting.length > 0 ? fitting : peer.publicIps;
}

function sameText(text: string | undefined, ip: FlannelNode['publicIps'][number]['value']): boolean {
  const parsed = text === undefined ? null : parseIp(text);
  return parsed !== null && sameIp(parsed, ip);
}
