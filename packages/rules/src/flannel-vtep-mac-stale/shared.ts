/** Two nodes whose tunnel devices have one hardware address, as machines that were cloned have it: each takes the other's frames for its own. drivers/net/vxlan/vxlan_core.c `vxlan_set_mac`. */
import { type Evidence, formatIp, formatMac, type Mac, type Snapshot, sameIp, sameMac } from '@coldtrace/core';
import { linkNamed, macEvidence } from '../facts/links.js';
import type { Fix } from '../finding.js';
import { announcedMac } from '../flannel/announced.js';
import { type FlannelNode, vteps } from '../flannel/flannel-node.js';
import type { Context } from './rule.js';

interface Device {
  readonly of: FlannelNode;
  readonly name: string;
  readonly mac: Mac;
  /** The device itself was captured, and its node has a name. */
  readonly captured: boolean;
  readonly evidence: Evidence;
}

/** The addresses that are shared: an entry for one of them can be right for one node only. */
export function checkShared(cx: Context, nodes: readonly FlannelNode[]): readonly Mac[] {
  const told: Mac[] = [];
  const groups: Device[][] = [];
  for (const device of nodes.flatMap((node) => devicesOf(cx.snapshot, node))) {
    const group = groups.find(([first]) => first?.name === device.name && sameMac(first.mac, device.mac));
    if (group === undefined) groups.push([device]);
    else if (!group.some(({ of }) => isSameMachine(of, device.of))) group.push(device);
  }
  for (const [first, ...others] of groups) {
    if (first === undefined || others.length === 0) continue;
    const all = [first, ...others];
    told.push(first.mac);
    const names = all.map(({ of }) => of.name);
    cx.report('shared', {
      certainty: all.every(({ captured }) => captured) ? 'proven' : 'likely',
      node: null,
      subject: `${first.name} ${formatMac(first.mac)}`,
      data: { device: first.name, nodes: listOf(names), mac: formatMac(first.mac) },
      evidence: all.slice(0, 4).map(({ evidence }) => evidence),
      fix: renewFix(others),
    });
  }
  return told;
}

function devicesOf(snapshot: Snapshot, of: FlannelNode): readonly Device[] {
  const names = of.node === null ? [] : vteps(of.node);
  return (names.length > 0 ? names : ['flannel.1']).flatMap((name) => {
    const link = of.node === null ? undefined : linkNamed(of.node.host, name);
    const announced = announcedMac(snapshot, of.object, name);
    if (of.node !== null && link?.mac != null) {
      const captured = of.node.named && (link.trust ?? 'captured') === 'captured';
      return [{ of, name, mac: link.mac, captured, evidence: macEvidence(snapshot, link, `${name} of ${of.name}`) }];
    }
    return announced === null
      ? []
      : [{ of, name, mac: announced.value, captured: false, evidence: announced.evidence }];
  });
}

/** One machine that was captured under two names. */
function isSameMachine(one: FlannelNode, other: FlannelNode): boolean {
  return one.publicIps.some(({ value }) => other.publicIps.some((told) => sameIp(told.value, value)));
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function renewFix(devices: readonly Device[]): Fix {
  return {
    steps: devices.map(({ of: { name, publicIps }, name: device }) => ({
      node: name,
      command: `ip link delete ${device}   # then restart flanneld of ${name}${publicIps[0] === undefined ? '' : ` (${formatIp(publicIps[0].value)})`}`,
      disrupts: `pods of ${name} reach no other node until flanneld has made ${device} again; they do not reach all of them now`,
      undo: 'none needed: flanneld makes the device when it starts',
    })),
    persist:
      'systemd derives the address from /etc/machine-id, which clones share: give each machine its own (rm /etc/machine-id; systemd-machine-id-setup), or set MACAddressPolicy=none for the device in /etc/systemd/network/10-flannel.link.',
    notes: '',
    verified: null,
  };
}
