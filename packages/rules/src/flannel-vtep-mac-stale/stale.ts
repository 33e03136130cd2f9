/** What a node believes of a peer's VXLAN device, held against the device itself and against what the peer announces. */
import {
  type FdbEntry,
  formatIp,
  formatMac,
  type Ip,
  type Link,
  type Mac,
  type Neighbour,
  type Node,
  type Outcome,
  type Snapshot,
  sameIp,
  sameMac,
  type Trust,
} from '@coldtrace/core';
import { linkNamed } from '../facts/links.js';
import { announcedMac } from '../flannel/announced.js';
import { isIpv6Device } from '../flannel/common.js';
import { type FlannelNode, type Told, vteps } from '../flannel/flannel-node.js';

/** The present hardware address of a peer's device. */
export interface Truth {
  readonly mac: Mac;
  /** The device itself; null where only the announcement is known. */
  readonly link: Link | null;
  readonly announced: Told<Mac> | null;
  readonly trust: Trust;
}

export interface Belief {
  readonly node: FlannelNode & { readonly node: Node };
  readonly peer: FlannelNode;
  readonly device: string;
  readonly truth: Truth;
  /** The peer's address on its device. */
  readonly vtep: Ip;
  readonly entry: Neighbour & { readonly lladdr: Mac };
  /** Forwarding entries of the hardware address that the peer has. */
  readonly present: readonly FdbEntry[];
  /** Forwarding entries that lead to the peer with another hardware address. */
  readonly former: readonly FdbEntry[];
}

export type Fault =
  /** The neighbour entry has another hardware address than the device. */
  | { readonly kind: 'stale'; readonly old: Mac }
  /** The neighbour entry is right, the forwarding entry is for another hardware address. */
  | { readonly kind: 'forwarding'; readonly old: Mac }
  /** The forwarding entry leads to somebody else. */
  | { readonly kind: 'elsewhere'; readonly dst: Ip };

export function truthOf(snapshot: Snapshot, peer: FlannelNode, device: string): Truth | null {
  const link = peer.node === null ? undefined : linkNamed(peer.node.host, device);
  const announced = announcedMac(snapshot, peer.object, device);
  if (link !== undefined && link.mac !== null)
    return { mac: link.mac, link, announced, trust: link.trust ?? 'captured' };
  return announced === null ? null : { mac: announced.value, link: null, announced, trust: announced.trust };
}

const unusable = new Set(['FAILED', 'INCOMPLETE']);

/** What every captured node holds about every peer that it knows. */
export function beliefs(snapshot: Snapshot, nodes: readonly FlannelNode[]): readonly Belief[] {
  return nodes.flatMap((one) => {
    const { node } = one;
    if (node === null) return [];
    return vteps(node).flatMap((device) =>
      nodes.filter((peer) => peer !== one).flatMap((peer) => belief(snapshot, { ...one, node }, peer, device) ?? []),
    );
  });
}

function belief(snapshot: Snapshot, node: Belief['node'], peer: FlannelNode, device: string): Belief | null {
  const truth = truthOf(snapshot, peer, device);
  if (truth === null) return null;
  const { neighbours, fdb } = node.node.host;
  const addresses = vtepAddresses(peer, device);
  // Without them, the entry whose frames go to the peer is the peer's.
  const leads = (row: Neighbour) =>
    fdb.rows.some(
      ({ dev, mac, dst }) => dev === device && row.lladdr !== null && sameMac(mac, row.lladdr) && leadsTo(peer, dst),
    );
  const found = neighbours.rows.find(
    (row) =>
      row.dev === device &&
      row.trust !== 'claimed' &&
      !unusable.has(row.nud ?? '') &&
      (addresses.length === 0 ? leads(row) : addresses.some((ip) => sameIp(ip, row.ip))),
  );
  const lladdr = found?.lladdr ?? null;
  if (found === undefined || lladdr === null) return null;
  const entries = fdb.rows.filter((row) => row.dev === device && row.trust !== 'claimed' && row.dst !== null);
  return {
    node,
    peer,
    device,
    truth,
    vtep: found.ip,
    entry: { ...found, lladdr },
    present: entries.filter((row) => sameMac(row.mac, truth.mac)),
    former: entries.filter((row) => !sameMac(row.mac, truth.mac) && leadsToThe(peer, row, lladdr)),
  };
}

/** The address of its device, else the first of its subnet, which flannel gives to the device. */
export function vtepAddresses(peer: FlannelNode, device: string): readonly Ip[] {
  const own = peer.node?.host.addresses.rows.filter(({ dev }) => dev === device).map(({ ip }) => ip) ?? [];
  return own.length > 0 ? own : peer.subnets.map(({ value }) => value.ip);
}

function leadsTo(peer: FlannelNode, dst: Ip | null): boolean {
  return dst !== null && peer.publicIps.some(({ value }) => sameIp(value, dst));
}

/** Where nothing tells the peer's own address, the entry of the hardware address that it is taken to have. */
function leadsToThe(peer: FlannelNode, { mac, dst }: FdbEntry, lladdr: Mac): boolean {
  return leadsTo(peer, dst) || (peer.publicIps.length === 0 && sameMac(mac, lladdr));
}

export function faultOf({ entry, truth, present, former, peer }: Belief): Fault | null {
  if (!sameMac(entry.lladdr, truth.mac)) return { kind: 'stale', old: entry.lladdr };
  const [first] = former;
  if (present.length === 0) return first === undefined ? null : { kind: 'forwarding', old: first.mac };
  const strayed = present.find(({ dst }) => !leadsTo(peer, dst));
  return strayed?.dst == null || peer.publicIps.length === 0 ? null : { kind: 'elsewhere', dst: strayed.dst };
}

/** Who else has the hardware address that frames for the peer carry. */
export function holderOf(nodes: readonly FlannelNode[], { peer, device, entry }: Belief): FlannelNode | null {
  const has = ({ node }: FlannelNode) => {
    const mac = node === null ? null : (linkNamed(node.host, device)?.mac ?? null);
    return mac !== null && sameMac(mac, entry.lladdr);
  };
  return nodes.find((one) => one !== peer && has(one)) ?? null;
}

/** A whole table without an entry for the hardware address, and without one for all, sends its frames to nobody. */
function leadsNowhere({ node, device, entry }: Belief): boolean {
  const { fdb } = node.node.host;
  const leads = ({ mac, dev }: FdbEntry) =>
    dev === device && (sameMac(mac, entry.lladdr) || formatMac(mac) === '00:00:00:00:00:00');
  return fdb.state === 'complete' && !fdb.rows.some(leads);
}

/** Which sentence tells it: where the frames go decides whether they are lost. */
export function sentenceOf(fault: Fault, belief: Belief, other: FlannelNode | null, outcome: Outcome | null) {
  if (fault.kind !== 'stale') return fault.kind;
  if (other !== null) {
    if (outcome === null || outcome.disposition === 'undetermined') return 'misled';
    return outcome.disposition === 'delivered' ? 'detour' : 'astray';
  }
  return leadsNowhere(belief) ? 'nowhere' : 'stale';
}

/** Where frames for the peer should go: as the other entries say, else as the peer says itself. */
export function publicAddress({ peer, former, present, vtep, device }: Belief): string {
  const used =
    [...present, ...former].find(({ dst }) => peer.publicIps.length === 0 || leadsTo(peer, dst))?.dst ?? null;
  // Between addresses of one family alone does a device of VXLAN lead: the kernel refuses any other.
  const fitting = peer.publicIps.filter(({ value }) => (value.family === 6) === isIpv6Device(device));
  const known = fitting.find(({ source }) => source.startsWith('public-ip')) ?? fitting[0];
  const ip = used ?? known?.value ?? null;
  return ip === null ? `ADDRESS-OF-${peer.name}-BEHIND-${formatIp(vtep)}` : formatIp(ip);
}
