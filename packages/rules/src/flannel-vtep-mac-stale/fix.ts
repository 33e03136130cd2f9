/** The remedy: both entries are replaced by the peer's present hardware address. ip-neighbour(8), bridge(8). */
import { type FdbEntry, formatIp, formatMac } from '@coldtrace/core';
import type { Fix, FixStep } from '../finding.js';
import { type Belief, publicAddress } from './stale.js';

export function entriesFix(belief: Belief, arrives = false): Fix {
  const { node, peer, device, truth, vtep, entry, present, former } = belief;
  const [ip, mac, target] = [formatIp(vtep), formatMac(truth.mac), publicAddress(belief)];
  const neighbour: FixStep = {
    node: node.name,
    command: `ip neigh replace ${ip} lladdr ${mac} dev ${device} nud permanent`,
    disrupts: arrives
      ? `nothing: frames for the pods of ${peer.name} go there straight`
      : `nothing: frames for the pods of ${peer.name} go to nobody now`,
    undo: `ip neigh replace ${ip} lladdr ${formatMac(entry.lladdr)} dev ${device} nud ${(entry.nud ?? 'permanent').toLowerCase()}`,
  };
  const forward: FixStep = {
    node: node.name,
    command: `bridge fdb replace ${mac} dev ${device} dst ${target} self permanent`,
    disrupts: 'nothing',
    undo: undoForward(device, mac, present[0]),
  };
  const old = former.map((row): FixStep => {
    const words = `${formatMac(row.mac)} dev ${device} dst ${row.dst === null ? target : formatIp(row.dst)}`;
    return {
      node: node.name,
      command: `bridge fdb del ${words} self`,
      disrupts: 'nothing: the hardware address is nobody’s any more',
      undo: `bridge fdb append ${words} self permanent`,
    };
  });
  return {
    steps: [neighbour, forward, ...old],
    persist: `flanneld writes both entries from the annotations of the Node objects when it starts or hears of a change: restart its pod on ${node.name} (kubectl -n kube-flannel delete pod --field-selector spec.nodeName=${node.object?.meta.name ?? node.name})${announcesOld(belief) ? `, after that of ${peer.name}, whose annotation is out of date` : ''}.`,
    notes: `Deleting the entries alone does not help: ${device} cannot ask by ARP where no forwarding entry is for all (00:00:00:00:00:00). Only flanneld before 0.8, which answers L3 misses, or one that is restarted writes them anew.`,
    verified: null,
  };
}

function undoForward(device: string, mac: string, before: FdbEntry | undefined): string {
  return before?.dst == null
    ? `bridge fdb del ${mac} dev ${device}`
    : `bridge fdb replace ${mac} dev ${device} dst ${formatIp(before.dst)} self permanent`;
}

/** The peer has a new device and still announces the old one's hardware address. */
export function announcesOld({ truth }: Belief): boolean {
  const { announced, link } = truth;
  return announced !== null && link !== null && formatMac(announced.value) !== formatMac(truth.mac);
}
