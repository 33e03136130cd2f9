/** What a node tells the others by the annotations and fields of its API object. flannel: pkg/subnet/kube/annotations.go. */
import {
  formatPrefix,
  type Ip,
  type KubeNode,
  type Mac,
  type Prefix,
  parseIp,
  parseMac,
  type Snapshot,
} from '@coldtrace/core';
import { fieldOfObject, partOfObject } from '../facts/part-of.js';
import type { Told } from './flannel-node.js';

/** Annotations of flannel keep their last part whatever `--kube-annotation-prefix` says. */
export function annotation(object: KubeNode, name: string): string | null {
  const key = Object.keys(object.meta.annotations).find((one) => one.includes('flannel') && one.endsWith(`/${name}`));
  return key === undefined ? null : (object.meta.annotations[key] ?? null);
}

/** Any one of them may be all that a capture shows. */
const announcements = ['backend-type', 'backend-data', 'backend-v6-data', 'public-ip', 'public-ipv6'];

export function announcesAny(object: KubeNode): boolean {
  return announcements.some((name) => annotation(object, name) !== null);
}

export function objectSubnets(snapshot: Snapshot, object: KubeNode | null): readonly Told<Prefix>[] {
  if (object === null) return [];
  return object.podCidrs.map((value) => ({
    value,
    evidence: {
      span: fieldOfObject(snapshot, object, 'podCIDR', formatPrefix(value)),
      why: `podCIDR of ${object.meta.name}`,
    },
    trust: object.trust ?? 'captured',
    source: 'node',
  }));
}

const publicNames = ['public-ip-overwrite', 'public-ip', 'public-ipv6'];

export function objectAddresses(snapshot: Snapshot, object: KubeNode | null): readonly Told<Ip>[] {
  if (object === null) return [];
  const trust = object.trust ?? 'captured';
  const annotated = publicNames.flatMap((name) => {
    const text = annotation(object, name);
    const value = text === null ? null : parseIp(text);
    if (text === null || value === null) return [];
    const evidence = {
      span: fieldOfObject(snapshot, object, name, text),
      why: `${object.meta.name} says ${name} ${text}`,
    };
    return [{ value, evidence, trust, source: name }];
  });
  if (annotated.length > 0) return annotated;
  return object.addresses.flatMap(({ type, address }) => {
    const value = type === 'InternalIP' ? parseIp(address) : null;
    const evidence = { span: partOfObject(snapshot, object, address), why: `address of node ${object.meta.name}` };
    return value === null ? [] : [{ value, evidence, trust, source: 'node' }];
  });
}

/** The hardware address that the node announces for its VXLAN device. */
export function announcedMac(snapshot: Snapshot, object: KubeNode | null, device: string): Told<Mac> | null {
  if (object === null) return null;
  const name = device.startsWith('flannel-v6') ? 'backend-v6-data' : 'backend-data';
  const text = annotation(object, name);
  const found = /"VtepMAC"\s*:\s*"([0-9A-Fa-f:]{11,17})"/.exec(text ?? '')?.[1] ?? null;
  const value = found === null ? null : parseMac(found, { shortOctets: true });
  if (found === null || value === null) return null;
  const evidence = {
    span: partOfObject(snapshot, object, found),
    why: `what ${object.meta.name} announces in ${name}`,
  };
  return { value, evidence, trust: object.trust ?? 'captured', source: 'annotation' };
}
