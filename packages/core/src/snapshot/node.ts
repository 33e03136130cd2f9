/** A machine and its network namespaces, data only. Every list is empty and marked absent when nothing of its kind was captured. */
import type { Address } from './address.js';
import type { Certificate, KeyHalf, TlsObservation } from './certificate.js';
import type { ConnEntry } from './conntrack.js';
import type { Dump, FailedCapture, Row } from './dump.js';
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
import type { ComponentConfig } from './kubernetes.js';
import type { Link } from './link.js';
import type { AddrLabel, BridgeVlan, FdbEntry, MulticastMembership, Neighbour } from './neighbour.js';
import type { Observation } from './observation.js';
import type { PolicyRule } from './policy-rule.js';
import type { PacketQueue } from './queue.js';
import type { RecentList } from './recent-list.js';
import type { NextHopObject, RouteDump } from './route.js';
import type { SocketDump } from './socket.js';
import type { SysctlDump } from './sysctl.js';
import type { Ruleset } from './xtables.js';

/** A network namespace. ip-netns(8). */
export interface NetNs {
  /** null: the host's own. */
  readonly name: string | null;
  readonly links: Dump<Link>;
  readonly addresses: Dump<Address>;
  readonly routes: RouteDump;
  /** As `ip rule` lists them: in the order of priority. */
  readonly policyRules4: Dump<PolicyRule>;
  /** Whether IPv4 keeps its tables local and main as one; one row at most. */
  readonly fibTrie: Dump<FibTrie>;
  readonly policyRules6: Dump<PolicyRule>;
  readonly nexthops: Dump<NextHopObject>;
  readonly neighbours: Dump<Neighbour>;
  readonly fdb: Dump<FdbEntry>;
  readonly bridgeVlans: Dump<BridgeVlan>;
  readonly addrLabels: Dump<AddrLabel>;
  readonly multicast: Dump<MulticastMembership>;
  /** At most one ruleset per family and variant (`null` variant: not told). */
  readonly rulesets: readonly Ruleset[];
  readonly ipsets: Dump<IpSet>;
  readonly sysctl: SysctlDump;
  readonly ipvs: Dump<VirtualServer>;
  readonly ipvsConnections: Dump<IpvsEntry>;
  readonly conntrack: Dump<ConnEntry>;
  readonly sockets: SocketDump;
  /** Queues of NFQUEUE that a program listens on. */
  readonly queues: Dump<PacketQueue>;
  /** Lists of `-m recent`. */
  readonly recentLists: Dump<RecentList>;
  /** IPsec, as far as it matters whether there is any: one row for each policy of `ip xfrm`, sockets' own included, and each state. */
  readonly xfrmPolicies: Dump<Row>;
  readonly xfrmStates: Dump<Row>;
  readonly foreignFilters: readonly ForeignFilter[];
}

/** A machine, with what the input says of the machine as a whole. */
export interface Node {
  readonly name: string;
  /** False for outputs under anonymous prompts that nothing ties to a name. */
  readonly named: boolean;
  readonly host: NetNs;
  /** Network namespaces other than the host's. */
  readonly namespaces: readonly NetNs[];
  /** Names that `ip netns` lists, whether or not anything was captured inside. */
  readonly netnsNames: Dump<NamedText>;
  /** null: no `uname` was captured; what differs between kernels is open then, or rests on an assumption. */
  readonly kernel: KernelIdentity | null;
  readonly hostname: NamedText | null;
  readonly date: CaptureDate | null;
  readonly processes: Dump<Process>;
  readonly modules: Dump<KernelModule>;
  readonly containers: Dump<Container>;
  /** Offloads and facts of all devices (ethtool). */
  readonly features: Dump<DeviceFeature>;
  readonly settings: readonly Setting[];
  readonly reservations: Dump<AddressReservation>;
  readonly certificates: readonly Certificate[];
  /** Every certificate of k3s, rke2 and kubeadm is here, so that one that is not here is not there. */
  readonly wholeCertificates: boolean;
  /** Public halves of private keys. */
  readonly keys: readonly KeyHalf[];
  readonly tls: readonly TlsObservation[];
  readonly configs: readonly ComponentConfig[];
  readonly observations: readonly Observation[];
  /** Commands that were run and failed: not collected, never empty. */
  readonly failures: readonly FailedCapture[];
}
