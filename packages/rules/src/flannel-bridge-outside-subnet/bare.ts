/** A bridge that pods stand on and that has lost its address: their gateway answers nobody, and the node has no route to them. plugins/main/bridge sets it for each pod. */
import {
  type Evidence,
  type Family,
  formatIp,
  formatPrefix,
  type Ip,
  isCompleteFor,
  type Link,
  type Node,
  nextIp,
  type Prefix,
  parseIp,
  prefixContains,
  prefixOf,
  type Snapshot,
} from '@coldtrace/core';
import { isOn } from '../facts/api-nodes.js';
import { linkNamed } from '../facts/links.js';
import type { Fix } from '../finding.js';
import { type CapturedNode, leaseOf } from '../flannel/common.js';
import type { Told } from '../flannel/flannel-node.js';

export interface Bare {
  readonly link: Link;
  readonly subnet: Told<Prefix>;
  /** The address that the plugin gives it. */
  readonly gateway: Ip;
  /** Somebody who needs it. */
  readonly pod: Evidence;
}

export function bareBridges(snapshot: Snapshot, one: CapturedNode, bridge: string): readonly Bare[] {
  const { node } = one;
  const link = linkNamed(node.host, bridge);
  if (link === undefined || link.trust === 'claimed' || bridge === 'docker0') return [];
  return ([4, 6] as const).flatMap((family) => {
    const subnet = leaseOf(one, family);
    const { addresses } = node.host;
    const has = addresses.rows.some(
      ({ dev, ip, scope }) => dev === bridge && ip.family === family && scope === 'global',
    );
    if (subnet === null || subnet.source === 'route' || has || !isCompleteFor(addresses, family)) return [];
    const gateway = gatewayOf(node, subnet.value);
    const pod = gateway === null ? null : podOn(snapshot, node, bridge, subnet.value, family);
    return gateway === null || pod === null ? [] : [{ link, subnet, gateway, pod }];
  });
}

/** As flanneld wrote it down, else the first address: host-local and the bridge plugin take that one. */
function gatewayOf({ settings }: Node, subnet: Prefix): Ip | null {
  for (const { key, value } of settings) {
    const ip = /^FLANNEL_(?:IPV6_)?SUBNET$/.test(key) ? parseIp(value.split('/')[0] ?? '') : null;
    if (ip !== null && prefixContains(subnet, ip)) return ip;
  }
  return nextIp(prefixOf(subnet.ip, subnet.length).ip);
}

/** A bridge from before the cluster had that family gets its address with the next pod: somebody has to have one. */
function podOn(snapshot: Snapshot, node: Node, bridge: string, subnet: Prefix, family: Family): Evidence | null {
  for (const object of snapshot.objects) {
    if (object.kind !== 'Pod' || object.hostNetwork === true || !isOn(snapshot, node, object.nodeName)) continue;
    if (object.phase === 'Succeeded' || object.phase === 'Failed') continue;
    const ip = object.ips.find((one) => prefixContains(subnet, one));
    if (ip !== undefined) return { span: object.span, why: `pod ${object.meta.name} is ${formatIp(ip)}` };
  }
  for (const { addresses } of node.namespaces) {
    const row = addresses.rows.find(({ ip, dev }) => dev !== 'lo' && prefixContains(subnet, ip));
    if (row !== undefined) return { span: row.span, why: `a pod with an address of ${formatPrefix(subnet)}` };
  }
  const port = node.host.links.rows.find(({ master, flags }) => master === bridge && flags.includes('LOWER_UP'));
  return family === 4 && port !== undefined ? { span: port.span, why: `a pod stands on ${bridge}` } : null;
}

export function addressFix({ name }: Node, { link, gateway, subnet }: Bare): Fix {
  const address = `${formatIp(gateway)}/${subnet.value.length}${gateway.family === 4 ? ' brd +' : ''}`;
  return {
    steps: [
      {
        node: name,
        command: `ip addr add ${address} dev ${link.name}`,
        disrupts: 'nothing: pods reach their gateway again',
        undo: `ip addr del ${formatIp(gateway)}/${subnet.value.length} dev ${link.name}`,
      },
    ],
    persist: `The plugin sets the address when the next pod starts on ${name}. Find what took it away: NetworkManager, systemd-networkd or dhcpcd that manage ${link.name}, or a script.`,
    notes:
      'NetworkManager leaves it alone with unmanaged-devices=interface-name:cni*;interface-name:flannel*;interface-name:veth*.',
    verified: null,
  };
}
