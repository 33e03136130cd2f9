/** A network namespace of a node as the simulator asks it: rules, routes, sets and sysctls, with what is assumed where a dump is missing. */
import type { DumpId } from '../capture/table.js';
import type { Family } from '../inet/ip.js';
import { gapOf } from '../snapshot/captured.js';
import type { IpSet } from '../snapshot/ipset.js';
import type { NetNs, Node } from '../snapshot/node.js';
import type { Ruleset } from '../snapshot/xtables.js';
import type { Reason } from '../tri.js';
import type { Evidence } from '../verdict/step.js';

/** `none`: what was not captured leaves answers open. `defaults`: kernel defaults are taken, and named. */
export type AssumeMode = 'none' | 'defaults';

/** One namespace under one mode of assuming: whom all questions of this library are put to. */
export interface Place {
  readonly node: Node;
  readonly ns: NetNs;
  /** Node name, with the namespace where it is not the host's. */
  readonly name: string;
  readonly assume: AssumeMode;
  /** What was worked out about it so far (`per-place.ts`). */
  readonly known: unknown[];
}

/** A place of its own, which has nothing worked out yet; `placesOf` gives those that all questions about a snapshot share. */
export function placeOf(node: Node, ns: NetNs, assume: AssumeMode): Place {
  return { node, ns, name: ns.name === null ? node.name : `${node.name}/${ns.name}`, assume, known: [] };
}

/** Something the snapshot does not say. */
export function missing(place: Place, dump: DumpId, text: string): Reason {
  return { dump, text: `${text} ${gapOf(place.name, place.ns, dump)}` };
}

export function rulesetsOf(place: Place, family: Family): readonly Ruleset[] {
  return place.ns.rulesets.filter((ruleset) => ruleset.family === family);
}

/** A kernel parameter as far as the dump tells; sysctl(8). */
export interface KernelParameter {
  /** As written in the dump; null: no such key. */
  readonly value: string | null;
  readonly evidence: readonly Evidence[];
  /** True when an absent key means the kernel's default: the dump is complete. */
  readonly known: boolean;
}

/** A kernel parameter by its path below /proc/sys; `value` null when the dump has no such key. */
export function sysctl(place: Place, key: string): KernelParameter {
  const { byKey } = place.ns.sysctl;
  const found = byKey.get(key) ?? (key === ipForward ? byKey.get(sameAsIpForward) : undefined);
  if (found === undefined || found.trust === 'claimed')
    return place.ns.sysctl.state === 'complete' ? unset : uncaptured;
  if (found.unsettled) return uncaptured;
  let parameter = parameters.get(found);
  if (parameter === undefined) {
    const evidence = [{ span: found.span, why: `${found.key.replaceAll('/', '.')} = ${found.value}` }];
    parameter = { value: found.value, evidence, known: true };
    parameters.set(found, parameter);
  }
  return parameter;
}

/** Two names of one variable, net/ipv4/devinet.c ctl_forward_entry. */
const ipForward = 'net/ipv4/ip_forward';
const sameAsIpForward = 'net/ipv4/conf/all/forwarding';

const unset: KernelParameter = { value: null, evidence: [], known: true };
const uncaptured: KernelParameter = { value: null, evidence: [], known: false };

/** Each row is put into words once. */
const parameters = new WeakMap<object, KernelParameter>();

const indexes = new WeakMap<NetNs, ReadonlyMap<string, IpSet>>();

export function ipsetsOf(place: Place): ReadonlyMap<string, IpSet> {
  let index = indexes.get(place.ns);
  if (index === undefined) {
    index = new Map(place.ns.ipsets.rows.map((set) => [set.name, set]));
    indexes.set(place.ns, index);
  }
  return index;
}
