/** What matches may ask of the namespace around the packet: its sets, and what its routing tables say of an address. */
import type { Family, Ip } from '../inet/ip.js';
import type { Surroundings } from '../netfilter/packet-input.js';
import { nameQueues } from '../netfilter/target/nfqueue.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { Tri, Unknown } from '../tri.js';
import { addressIs } from './address-type.js';
import { firstAddress } from './first-address.js';
import { since } from './kernel-release.js';
import { labelsGiven } from './labels.js';
import { socketsFor } from './listening.js';
import { pathMtu } from './path-mtu.js';
import { oncePerPlace } from './per-place.js';
import { missing, type Place } from './place.js';
import { hasRealms } from './realms.js';
import { recentList } from './recent-lists.js';
import { reversePath } from './reverse-path.js';
import { mayMarkTemplates } from './template-marks.js';
import { settledSets } from './unfilled-elements.js';

/** The node around a packet, for `PacketInput.around`: made once for each place. */
export const surroundingsOf = oncePerPlace((place: Place): Surroundings => {
  const ipsets = settledSets(place);
  return {
    place: place.name,
    ipsets,
    connections: place.ns.conntrack.rows.length,
    recentList: (name) => recentList(place, name),
    ipset: (name) => ipsets.get(name) ?? (place.ns.ipsets.state === 'complete' ? false : setMissing(place, name)),
    addressIs: (ip, types, dev) => addressIs(place, ip, types, dev),
    deviceGroup: (dev) => groupOf(place, dev),
    labelsGiven: () => labelsGiven(place.ns),
    mayMarkTemplates: (family) => mayMarkTemplates(place, family),
    kernelIs: (major, minor) => kernelIs(place, major, minor),
    hasRealms: (family) => hasRealms(place, family),
    socketsFor: (skb, question) => socketsFor(place, skb, question),
    hasIpsec: (direction) => hasIpsec(place, direction),
    isQueueTaken: (first, count) => isQueueTaken(place, first, count),
    firstAddress: (dev, family) => tproxyAddress(place, dev, family),
    pathMtu: (skb) => pathMtu(place, skb),
    reversePath: (skb, options) => reversePath(place, skb, options),
  };
});

/** Without a release it is open, whatever is taken for granted elsewhere. */
function kernelIs(place: Place, major: number, minor: number): Tri {
  const { because, yes } = since({ ...place, assume: 'none' }, major, minor, 'where a match looks at something else');
  return because.length > 0 ? { because } : yes;
}

function setMissing(place: Place, name: string): Unknown {
  return { because: [missing(place, 'ipset-list', `set ${name} was not captured`)] };
}

/** What came in was unpacked by a state; what goes out is packed where a policy says so. */
function hasIpsec(place: Place, direction: 'in' | 'out'): Tri {
  const { xfrmPolicies, xfrmStates } = place.ns;
  const { rows, state } = direction === 'in' ? xfrmStates : xfrmPolicies;
  if (rows.length > 0) return true;
  if (state === 'complete') return false;
  const because =
    direction === 'in'
      ? missing(place, 'ip-xfrm-state', 'whether the packet came out of IPsec is not known')
      : missing(place, 'ip-xfrm', 'the IPsec policies that the packet would meet were not captured');
  return { because: [because] };
}

function isQueueTaken(place: Place, first: number, count: number): Tri {
  const { rows, state } = place.ns.queues;
  if (rows.some(({ number }) => number >= first && number < first + count)) return true;
  if (state === 'complete') return false;
  return {
    because: [
      missing(place, 'nfnetlink-queue', `whether a program listens on ${nameQueues(first, count)} is not known`),
    ],
  };
}

function groupOf(place: Place, dev: string): string | Unknown {
  const group = place.ns.links.rows.find((link) => link.name === dev)?.group;
  return group ?? { because: [missing(place, 'ip-link', `the group of ${dev} is not known`)] };
}

function tproxyAddress(place: Place, dev: string, family: Family): Ip | null | Unknown {
  const ip = firstAddress(place, dev, family, family === 4 ? ['secondary'] : ['tentative', 'deprecated']);
  const shown = ip !== null || isCompleteFor(place.ns.addresses, family);
  return shown ? ip : { because: [missing(place, 'ip-addr', `which address TPROXY takes on ${dev} is not known`)] };
}
