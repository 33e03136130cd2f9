/** What a node says of itself: kernel, name, time, processes, modules, files of its services. */
import type { Ip } from '../inet/ip.js';
import type { Row } from './dump.js';

/** What `uname` prints, uname(1); null: that option was not asked for. */
export interface KernelIdentity extends Row {
  /** `uname -s`, `-n`, `-r`, `-v`, `-m` as far as shown. */
  readonly sysname: string | null;
  readonly nodename: string | null;
  readonly release: string | null;
  readonly version: string | null;
  readonly machine: string | null;
}

/** A name that a node states: its host name, or one of its network namespaces. */
export interface NamedText extends Row {
  readonly text: string;
  /** Of a network namespace: the id by which other namespaces name it (`link-netnsid`). */
  readonly nsid?: number;
}

/** The output of `date`. */
export interface CaptureDate extends Row {
  /** Milliseconds since the epoch; null when the zone's name is ambiguous. */
  readonly at: number | null;
  readonly text: string;
}

/** A row of `ps`. ps(1). */
export interface Process extends Row {
  readonly pid: number | null;
  readonly user: string | null;
  /** With its arguments, as far as the output shows them. */
  readonly command: string;
}

/** A row of `lsmod` or /proc/modules. lsmod(8). */
export interface KernelModule extends Row {
  readonly name: string;
  /** Modules that need it. */
  readonly usedBy: readonly string[];
}

/** A container or the sandbox of a pod. A complete listing holds all that run; stopped ones may be missing. */
export interface Container extends Row {
  readonly id: string;
  /** The sandbox that it runs in, which has the pod's address; its own id for a sandbox. null: not shown. */
  readonly sandboxId: string | null;
  readonly name: string;
  readonly image: string | null;
  readonly state: string | null;
  /** Pod name and namespace where the runtime shows them. */
  readonly pod: string | null;
  readonly podNamespace: string | null;
}

/** What ethtool says of a device: `tx-checksumming` is `on`, `driver` is `virtio_net`, `Link detected` is `yes`. */
export interface DeviceFeature extends Row {
  /** Empty when neither output nor command names it. */
  readonly dev: string;
  readonly name: string;
  readonly value: string;
  /** True for an offload that the driver does not let anybody change. */
  readonly fixed?: boolean;
}

/** A setting of a file: `FLANNEL_SUBNET=…`, `bip`, a unit's option. */
export interface Setting extends Row {
  /** `subnet.env`, `docker`, `k3s-config`, `systemd-unit`, `environment-file`, `cni-conflist`, `net-conf`, `kube-flannel`, … */
  readonly source: string;
  /** Path of keys joined with `.`. */
  readonly key: string;
  readonly value: string;
}

/** One reserved address of the host-local IPAM plugin: a file whose name is the address. */
export interface AddressReservation extends Row {
  readonly network: string | null;
  readonly ip: Ip;
  readonly containerId: string | null;
  readonly ifname: string | null;
}

/** Output of something that filters packets outside xtables: kept opaque, it leaves open what it could change. */
export interface ForeignFilter extends Row {
  readonly kind: 'nft' | 'tc' | 'bpf' | 'xfrm' | 'ovs';
  /** Family and name of a native nft table, device of a tc filter, … */
  readonly subject: string;
  /** True when it can drop or change packets. */
  readonly active: boolean;
  /** What shows it leaves out what it does: a list of tables, chains without their rules. */
  readonly inPart?: true;
}
