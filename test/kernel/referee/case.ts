/** One case: a node as the commands that make it, and the probes that are asked of it. Data only, so that it can be stored and shrunk. */

/**
 * `ip` and `ip6` are lines of `ip -batch`; `legacy` and `nft` lines of the restore commands of the case's family; `conntrack` puts in a connection that is
 * known before every probe; `listen` is a socket: protocol, address or `*`, port, and the words that agent/process.py knows.
 */
export type Tool = 'ip' | 'ip6' | 'bridge' | 'ipset' | 'sysctl' | 'legacy' | 'nft' | 'conntrack' | 'listen';

export interface Line {
  readonly tool: Tool;
  /** For sysctl `path value`. */
  readonly text: string;
  /** For rules. */
  readonly table?: string;
}

export interface InnerPacket {
  readonly src: string;
  readonly dst: string;
  readonly proto: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly icmp_type?: number;
  readonly icmp_code?: number;
  readonly icmp_id?: number;
}

/** What `coldtrace probe` reads. */
export interface ProbeLine {
  readonly id: string;
  readonly kind: 'ingress' | 'output' | 'reply' | 'source' | 'routeget';
  readonly family: 4 | 6;
  readonly in_iface?: string;
  readonly oif?: string;
  readonly src?: string;
  readonly dst?: string;
  readonly proto?: string | number;
  readonly sport?: number;
  readonly dport?: number;
  readonly tcp_flags?: string;
  /** Not of the contract: what a SYN,ACK acknowledges, or conntrack calls it INVALID. */
  readonly tcp_ack?: number;
  readonly icmp_type?: number;
  readonly icmp_code?: number;
  readonly icmp_id?: number;
  readonly mark?: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly payload?: number;
  readonly length?: number;
  readonly src_mac?: string;
  readonly dst_mac?: string;
  readonly frag_off?: number;
  readonly mf?: boolean;
  readonly frag_body?: string;
  readonly ip_id?: number;
  readonly df?: boolean;
  readonly flow_label?: number;
  /** What follows an extension header that `proto` names. */
  readonly next_header?: number;
  readonly inner?: InnerPacket;
  readonly of?: string;
  /** Whose process sends. */
  readonly uid?: number;
}

export interface Case {
  readonly name: string;
  readonly family: 4 | 6;
  /** What the table of results counts it under. */
  readonly features: readonly string[];
  readonly devices: readonly (readonly [name: string, mac: string])[];
  readonly setup: readonly Line[];
  readonly probes: readonly ProbeLine[];
}
