/** MTUs of flannel's devices and of the pods that leave no room for the tunnel's headers on the way to the peers. */
import { gapOf, type Link, type Setting, sameIp } from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { partOf } from '../facts/part-of.js';
import type { Fix } from '../finding.js';
import { type Backend, backendOf, chosenAddresses } from '../flannel/backend.js';
import { type CapturedNode, captured, certaintyOf, isIpv6Device, linkRow } from '../flannel/common.js';
import {
  flannelDevices,
  flannelNodes,
  isFlannelDevice,
  mayBeUplink,
  podBridge,
  type Told,
} from '../flannel/flannel-node.js';

const messages = {
  device:
    '{what} of {node} has an MTU of {mtu}, but at most {most} fit: {underlay} carries {carries} and {backend} takes {overhead} of it. Small packets pass; large ones depend on path MTU discovery',
  setting:
    '{what} of {node} is {mtu}, but at most {most} fit: {underlay} carries {carries} and {backend} takes {overhead} of it. Pods made from now on send packets that are too large; small ones pass',
} as const;

type Context = RuleContext<keyof typeof messages>;

/** Outer IPv4 header, UDP and VXLAN headers and the inner Ethernet header; outer IPv4 and UDP headers. Over IPv6 20 more. */
const overheads: Readonly<Record<Exclude<Backend, 'other'>, number>> = { vxlan: 50, udp: 28, 'host-gw': 0 };

export const flannelMtuTooLarge = defineRule({
  id: 'flannel-mtu-too-large',
  severity: 'warning',
  summary: 'Devices of flannel or of its pods have an MTU that leaves no room for the tunnel’s headers.',
  needs: ['ip-link', 'ip-addr', 'subnet-env'],
  messages,
  check: (cx) => {
    const nodes = captured(flannelNodes(cx.snapshot));
    for (const node of nodes) {
      if (node.node.host.links.state === 'absent') {
        cx.notEvaluated(node.name, ['ip-link']);
        continue;
      }
      const room = roomOf(cx, node, nodes);
      if (room === null) cx.notEvaluated(node.name, ['ip-link', 'ip-addr']);
      else checkNode(cx, node, room);
    }
  },
});

interface Room {
  readonly backend: Told<Backend>;
  readonly overhead: number;
  /** The device with the least MTU on the way, and whose it is. */
  readonly underlay: Link & { readonly mtu: number; readonly concluded: boolean };
  readonly owner: string;
}

function roomOf({ snapshot }: Context, node: CapturedNode, nodes: readonly CapturedNode[]): Room | null {
  const backend = backendOf(snapshot, node);
  if (backend === null || backend.value === 'other') return null;
  const own = underlayOf(snapshot, node);
  if (own === null) return null;
  const peers = nodes.flatMap((peer) => {
    const link = peer.name === node.name ? null : underlayOf(snapshot, peer);
    return link === null ? [] : [{ link, name: peer.name }];
  });
  const least = peers.reduce((best, peer) => (peer.link.mtu < best.link.mtu ? peer : best), {
    link: own,
    name: node.name,
  });
  const v6 = chosenAddresses(snapshot, node)[0]?.value.family === 6;
  return {
    backend,
    overhead: overheads[backend.value] + (v6 && backend.value !== 'host-gw' ? 20 : 0),
    underlay: least.link,
    owner: least.name,
  };
}

/** The device that the tunnel stands on, else the one with the node's public address. */
function underlayOf(snapshot: Context['snapshot'], node: CapturedNode): Room['underlay'] | null {
  const { host } = node.node;
  const tunnel = host.links.rows.find(
    ({ name, details }) => isFlannelDevice(name) && details?.kind === 'vxlan',
  )?.details;
  const [chosen] = chosenAddresses(snapshot, node);
  const holder = host.addresses.rows.find(
    ({ ip, dev }) => chosen !== undefined && sameIp(ip, chosen.value) && !isFlannelDevice(dev),
  );
  const name = (tunnel?.kind === 'vxlan' ? tunnel.dev : null) ?? holder?.dev ?? null;
  const link = name === null ? onlyUplink(node) : linkRow(node.node, name);
  return link?.mtu == null ? null : { ...link, mtu: link.mtu, concluded: name === null };
}

/** Where no address was captured, a node with one device towards other hosts has no other way. */
function onlyUplink({ node: { host } }: CapturedNode): Link | undefined {
  if (host.addresses.state !== 'absent') return undefined;
  const [first, second] = host.links.rows.filter(({ name, trust }) => mayBeUplink(name) && trust !== 'claimed');
  return second === undefined ? first : undefined;
}

/** VXLAN has a device of its own for IPv6, which stands on IPv6. */
const byIpv6 = (room: Room): Room => ({ ...room, overhead: overheads.vxlan + 20 });

const mostOf = ({ underlay, overhead }: Room): number => underlay.mtu - overhead;

function checkNode(cx: Context, node: CapturedNode, room: Room): void {
  const most = mostOf(room);
  const roomFor = ({ name }: Link) => (isIpv6Device(name) ? byIpv6(room) : room);
  const devices = podDevices(node).filter((link) => link.mtu > mostOf(roomFor(link)));
  const [first] = devices;
  if (first !== undefined) {
    report(cx, node, roomFor(first), 'device', { what: first.name, mtu: first.mtu, row: first }, devices.slice(1));
    return;
  }
  const setting = mtuSettings(node).find(({ value }) => Number(value) > most);
  if (setting !== undefined)
    report(
      cx,
      node,
      room,
      'setting',
      { what: setting.key === 'mtu' ? 'docker’s --mtu' : setting.key, mtu: Number(setting.value), row: setting },
      [],
    );
}

/** The tunnel device, then the bridge and its ports, and the ends of pods without a bridge. A bridge without ports has 1500 whatever it had before: it says nothing. */
function podDevices({ node }: CapturedNode): readonly (Link & { readonly mtu: number })[] {
  const { rows, state } = node.host.links;
  const bridge = podBridge(node);
  const tunnels = rows.filter(({ name }) => isFlannelDevice(name));
  const ports = rows.filter((link) => (bridge !== null && link.master === bridge) || isRoutedPod(node, link));
  const bridges = rows.filter(({ name }) => name === bridge && (ports.length > 0 || state !== 'complete'));
  return [...tunnels, ...bridges, ...ports].flatMap((link) =>
    link.mtu === null || link.trust === 'claimed' ? [] : [{ ...link, mtu: link.mtu }],
  );
}

/** The node's end of a pod that has a route of its own, as Calico's policy beside flannel's network (Canal) makes them. */
function isRoutedPod({ host }: CapturedNode['node'], { name, details, master }: Link): boolean {
  if (master !== null || details?.kind !== 'other' || details.type !== 'veth') return false;
  return host.routes.rows.some(
    ({ type, table, dst, nexthops: [hop] }) =>
      type === 'unicast' &&
      table === 'main' &&
      dst.length === (dst.ip.family === 4 ? 32 : 128) &&
      hop?.dev === name &&
      hop.via === null,
  );
}

function mtuSettings({ node }: CapturedNode): readonly Setting[] {
  const bridge = podBridge(node);
  return node.settings.filter(
    ({ key, source, value }) =>
      /^\d{3,5}$/.test(value) &&
      (key === 'FLANNEL_MTU' ||
        (bridge === 'docker0' && key === 'mtu' && (source === 'docker' || source === 'docker-daemon'))),
  );
}

interface Subject {
  readonly what: string;
  readonly mtu: number;
  readonly row: Link | Setting;
}

function report(
  cx: Context,
  node: CapturedNode,
  room: Room,
  message: keyof typeof messages,
  { what, mtu, row }: Subject,
  more: readonly (Link & { readonly mtu: number })[],
): void {
  const { backend, overhead, underlay, owner } = room;
  const most = mostOf(room);
  const partial =
    message === 'device' && /^(?:cni0|cbr0|docker0)$/.test(what) && node.node.host.links.state !== 'complete'
      ? [`the ports of ${what} were not captured ${gapOf(node.name, node.node.host, 'ip-link')}`]
      : [];
  const alone = underlay.concluded
    ? [
        `${underlay.name} is taken to lead to the other nodes: no other device is shown (${owner}: ip-addr is not in the snapshot)`,
      ]
    : [];
  const logged = backend.trust === 'captured' ? [] : [`the backend is ${backend.value}: ${backend.evidence.why}`];
  cx.report(message, {
    certainty: certaintyOf([node], [row, underlay], [...partial, ...alone, ...logged]),
    node: node.name,
    subject: `${what} ${mtu}`,
    data: {
      node: node.name,
      what,
      mtu,
      most,
      underlay: owner === node.name ? underlay.name : `${underlay.name} of ${owner}`,
      carries: underlay.mtu,
      backend: backend.value,
      overhead,
    },
    evidence: [
      { span: partOf(cx.snapshot, row.span, 'name' in row ? `mtu ${mtu}` : String(mtu)), why: `larger than ${most}` },
      {
        span: partOf(cx.snapshot, underlay.span, `mtu ${underlay.mtu}`),
        why: `the way to the peers carries ${underlay.mtu}`,
      },
      backend.evidence,
      ...more
        .slice(0, 3)
        .map((link) => ({ span: partOf(cx.snapshot, link.span, `mtu ${link.mtu}`), why: `${link.name}: ${link.mtu}` })),
    ],
    assumptions: [...partial, ...alone, ...logged],
    fix: mtuFix(node, room, 'name' in row ? [row, ...more] : []),
  });
}

function mtuFix({ name, node }: CapturedNode, room: Room, links: readonly Pick<Link, 'name' | 'mtu'>[]): Fix {
  const most = mostOf(room);
  // What pods send by IPv6 has to fit its device, and flanneld reckons with the narrower of both.
  const least = flannelDevices(node).some(isIpv6Device) ? mostOf(byIpv6(room)) : most;
  const widthOf = (dev: string) => (isFlannelDevice(dev) && !isIpv6Device(dev) ? most : least);
  const steps = links.map((link) => ({
    node: name,
    command: `ip link set ${link.name} mtu ${widthOf(link.name)}`,
    disrupts: 'nothing; packets that are too large are refused or cut here and not lost on the way',
    undo: `ip link set ${link.name} mtu ${link.mtu}`,
  }));
  const lines = node.settings
    .filter(({ source, key }) => source === 'subnet.env' && key.startsWith('FLANNEL_'))
    .map(({ key, value }) => `${key}=${key === 'FLANNEL_MTU' ? least : value}\n`);
  const write = {
    node: name,
    command: `cat > /run/flannel/subnet.env <<'EOF'\n${lines.join('')}EOF`,
    disrupts: 'nothing',
    undo: 'restart flanneld, which writes the file',
  };
  return {
    steps: steps.length > 0 ? steps : [write],
    persist: `flanneld takes the MTU from the device that it binds to and writes FLANNEL_MTU when it starts: restart it on ${name}, then make the pods (or docker) anew, whose own devices keep the MTU they were made with. "MTU" under "Backend" of net-conf.json sets it by hand.`,
    notes:
      'No hard outage where path MTU discovery works: connections open and small answers come, large ones stall where a filter drops ICMP "fragmentation needed".',
    verified: null,
  };
}
