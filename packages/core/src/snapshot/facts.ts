/**
 * What one parsed output contributes, before it is known to which node and namespace it belongs. Parsers return lists of these;
 * assembly merges them into nodes. `complete` says whether the output speaks for all rows of its kind.
 */

import type { Family } from '../inet/ip.js';
import type { Address } from './address.js';
import type { Certificate, KeyHalf, TlsObservation } from './certificate.js';
import type { ConnEntry } from './conntrack.js';
import type { FailedCapture, Row } from './dump.js';
import type { FibTrie } from './fib-trie.js';
import type {
  AddressReservation,
  CaptureDate,
  Container,
  DeviceFeature,
  ForeignFilter,
  KernelIdentity,
  KernelModule,
  NamedText,
  Process,
  Setting,
} from './host.js';
import type { IpSet } from './ipset.js';
import type { IpvsEntry, VirtualServer } from './ipvs.js';
import type { ComponentConfig, KubeObject } from './kubernetes.js';
import type { Link } from './link.js';
import type { AddrLabel, BridgeVlan, FdbEntry, MulticastMembership, Neighbour } from './neighbour.js';
import type { Observation } from './observation.js';
import type { PolicyRule } from './policy-rule.js';
import type { PacketQueue } from './queue.js';
import type { RecentList } from './recent-list.js';
import type { NextHopObject, Route, RouteCoverage } from './route.js';
import type { ListenProtocol, Socket } from './socket.js';
import type { Sysctl } from './sysctl.js';
import type { Ruleset } from './xtables.js';

interface RowsOf<Kind extends string, T> {
  readonly kind: Kind;
  readonly rows: readonly T[];
  readonly complete: boolean;
}

/** Given when the output was asked for one family (`ip -4 addr`) or can show no other (`arp`): it speaks for that one only. */
interface OfFamily {
  readonly family?: Family;
}

/** The rows of one kind that one output holds. */
export type Facts =
  | { readonly kind: 'ruleset'; readonly ruleset: Ruleset }
  | RowsOf<'ipsets', IpSet>
  | RowsOf<'links', Link>
  | (RowsOf<'addresses', Address> & OfFamily)
  | (RowsOf<'routes', Route> & { readonly covers: readonly RouteCoverage[] })
  | (RowsOf<'policy-rules', PolicyRule> & { readonly family: Family })
  | RowsOf<'nexthops', NextHopObject>
  | (RowsOf<'neighbours', Neighbour> & OfFamily)
  | RowsOf<'fdb', FdbEntry>
  | RowsOf<'bridge-vlans', BridgeVlan>
  | RowsOf<'addr-labels', AddrLabel>
  | RowsOf<'multicast', MulticastMembership>
  | RowsOf<'sysctls', Sysctl>
  | RowsOf<'ipvs', VirtualServer>
  | RowsOf<'ipvs-connections', IpvsEntry>
  | (RowsOf<'conntrack', ConnEntry> & OfFamily)
  | (RowsOf<'sockets', Socket> & {
      readonly listens: readonly ListenProtocol[];
      readonly connected?: readonly ListenProtocol[];
    })
  | RowsOf<'packet-queues', PacketQueue>
  | RowsOf<'recent-lists', RecentList>
  | RowsOf<'fib-trie', FibTrie>
  | RowsOf<'certificates', Certificate>
  | RowsOf<'keys', KeyHalf>
  | RowsOf<'tls', TlsObservation>
  | RowsOf<'kube-objects', KubeObject>
  | RowsOf<'component-configs', ComponentConfig>
  | RowsOf<'kernel', KernelIdentity>
  | RowsOf<'hostname', NamedText>
  | RowsOf<'date', CaptureDate>
  | RowsOf<'netns-names', NamedText>
  | RowsOf<'processes', Process>
  | RowsOf<'modules', KernelModule>
  | RowsOf<'containers', Container>
  | RowsOf<'features', DeviceFeature>
  | RowsOf<'settings', Setting>
  | RowsOf<'reservations', AddressReservation>
  | RowsOf<'xfrm-policies', Row>
  | RowsOf<'xfrm-states', Row>
  | RowsOf<'foreign-filters', ForeignFilter>
  | RowsOf<'observations', Observation>
  | RowsOf<'failures', FailedCapture>;

/** The names of the kinds: `routes`, `conntrack`, … */
export type FactsKind = Facts['kind'];

/** The facts of one kind. */
export type FactsOf<Kind extends FactsKind> = Extract<Facts, { readonly kind: Kind }>;
