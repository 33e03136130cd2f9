/** What matches may ask of the namespace around the packet: its sets, and what its routing tables say of an address. */
import type { Surroundings } from '../netfilter/packet-input.js';
import type { Unknown } from '../tri.js';
import { addressIs } from './address-type.js';
import { labelsGiven } from './labels.js';
import { isListening } from './listening.js';
import { ipsetsOf, missing, type Place } from './place.js';
import { hasRealms } from './realms.js';
import { reversePath } from './reverse-path.js';

const made = new WeakMap<Place, Surroundings>();

export function surroundingsOf(place: Place): Surroundings {
  let around = made.get(place);
  if (around === undefined) {
    around = lookAround(place);
    made.set(place, around);
  }
  return around;
}

function lookAround(place: Place): Surroundings {
  const ipsets = ipsetsOf(place);
  return {
    ipsets,
    connections: place.ns.conntrack.rows.length,
    ipset: (name) => ipsets.get(name) ?? (place.ns.ipsets.state === 'complete' ? false : setMissing(place, name)),
    addressIs: (ip, types, dev) => addressIs(place, ip, types, dev),
    deviceGroup: (dev) => groupOf(place, dev),
    labelsGiven: () => labelsGiven(place.ns),
    hasRealms: (family) => hasRealms(place, family),
    isListening: (protocol, port) => isListening(place, protocol, port),
    reversePath: (skb, options) => reversePath(place, skb, options),
  };
}

function setMissing(place: Place, name: string): Unknown {
  return { because: [missing(place, 'ipset-list', `set ${name} was not captured`)] };
}

function groupOf(place: Place, dev: string): string | Unknown {
  const group = place.ns.links.rows.find((link) => link.name === dev)?.group;
  return group ?? { because: [missing(place, 'ip-link', `the group of ${dev} is not known`)] };
}
