/** What somebody saw on the wire or at a prompt: rules and traces are held against it. */
import type { Ip } from '../inet/ip.js';
import type { Row } from './dump.js';

/** One packet line of `tcpdump -nn`. */
export interface SeenPacket extends Row {
  readonly kind: 'packet';
  /** Interface of the capture, where a command or `-i any` column shows it. */
  readonly dev: string | null;
  readonly direction: 'in' | 'out' | null;
  /** Time text as printed. */
  readonly time: string | null;
  readonly proto: number | null;
  readonly src: Ip | null;
  readonly sport: number | null;
  readonly dst: Ip | null;
  readonly dport: number | null;
  /** tcpdump's letters: `S`, `S.`, `R.`, …; null for other protocols. */
  readonly flags: string | null;
  /** TCP timestamp option values. */
  readonly tsVal: number | null;
  readonly tsEcr: number | null;
  readonly text: string;
}

/** The outcome of a client command (`curl`, `telnet`, `nc`, `ping`, `wget`). */
export interface SeenAttempt extends Row {
  readonly kind: 'attempt';
  readonly tool: string;
  /** Target as typed. */
  readonly target: string;
  readonly ip: Ip | null;
  readonly port: number | null;
  readonly outcome:
    | 'answered'
    | 'timeout'
    | 'refused'
    | 'unreachable'
    | 'reset'
    | 'tls-error'
    | 'name-error'
    | 'unknown';
  readonly text: string;
}

/** `ip route get` as a statement of the kernel. */
export interface SeenRoute extends Row {
  readonly kind: 'route';
  readonly dst: Ip;
  readonly from: Ip | null;
  readonly iif: string | null;
  readonly via: Ip | null;
  readonly dev: string | null;
  readonly src: Ip | null;
  readonly table: string | null;
  readonly error: string | null;
}

/** A line of a log that names a known fault or states a fact. */
export interface SeenLog extends Row {
  readonly kind: 'log';
  /** `flannel`, `kube-proxy`, `kubelet`, `calico`, `kernel`, `k3s`, `docker`, `etcd`, `unknown`. */
  readonly component: string;
  /** What it says, by code: `x509-not-valid-for`, `dial-timeout`, `ipam-exhausted`, `unknown-field`, … */
  readonly event: string;
  readonly data: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Traffic of a device over time (`vnstat`, `ip -s link`). */
export interface SeenTraffic extends Row {
  readonly kind: 'traffic';
  readonly dev: string;
  readonly rxBytes: number | null;
  readonly txBytes: number | null;
  readonly text: string;
}

/** What was seen, by `kind`. The simulator asks none of it. */
export type Observation = SeenPacket | SeenAttempt | SeenRoute | SeenLog | SeenTraffic;
