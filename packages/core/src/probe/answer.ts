/** What a probe is answered: flat, in the words of the published document (packages/cli/schemas/probe.schema.json). */
import type { Drawn } from '../packet/skb.js';

/** One rule that counts the packet: table, chain, number from 1, and the variant where rules of both are live. */
export type HitAnswer = readonly [table: string, chain: string, rule: number, variant?: string];

/** One direction of a connection as conntrack(8) shows it: `src` and `dst` canonical, `proto` as the probe spells it. */
export interface TupleAnswer {
  readonly src: string;
  readonly dst: string;
  readonly proto: string | number;
  readonly sport?: number;
  readonly dport?: number;
  readonly icmp_type?: number;
  readonly icmp_code?: number;
  readonly icmp_id?: number;
}

/** The packet that carries the one asked about from a tunnel's device on; its source port is the kernel's own. */
export interface CarrierAnswer {
  readonly out_iface: string;
  readonly src: string;
  readonly dst: string;
  readonly proto: string | number;
  readonly dport?: number;
  readonly ttl: number;
  readonly tos: number;
  readonly mark: number;
}

/** One way things go, settled in every field. Fields that do not apply are absent. */
export interface Answer {
  readonly outcome: 'local' | 'forward' | 'drop' | 'reject' | 'unreachable' | 'ok';
  readonly out_iface?: string;
  readonly src?: string;
  readonly dst?: string;
  readonly proto?: string | number;
  readonly sport?: number;
  readonly dport?: number;
  readonly icmp_id?: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly mark?: number;
  /** `tcp-reset`, `icmp 3/13`, `icmpv6 1/1`. */
  readonly reject_with?: string;
  readonly errno?: string;
  readonly neighbour?: 'unresolved';
  /** The source that routing chose, before NAT. */
  readonly socket_src?: string;
  readonly type?: string;
  readonly via?: string;
  readonly dev?: string;
  readonly fibmatch?: { readonly dst: string; readonly table: string; readonly type: string };
  readonly hits?: readonly HitAnswer[];
  readonly conntrack?: { readonly orig: TupleAnswer; readonly reply: TupleAnswer };
  readonly carrier?: CarrierAnswer;
  /** The new source and destination port (or ICMP id) of the connection where the kernel draws it, which no field names then: the first and the last that it may be. */
  readonly drawn?: { readonly src?: Drawn; readonly dst?: Drawn };
  /** What was taken for granted because it was not captured (`--assume defaults`). */
  readonly assumptions?: readonly string[];
}

/** Nothing settles it. `either` lists every answer that is possible, where they can be listed. */
export interface OpenAnswer {
  readonly outcome: 'unknown';
  readonly because: readonly string[];
  readonly either?: readonly Answer[];
  readonly assumptions?: readonly string[];
}

/** Chance decides; the probabilities sum to 1. */
export interface BranchedAnswer {
  readonly branches: readonly ({ readonly probability: string } & (Answer | OpenAnswer))[];
}

/** Settled, open, by chance, or `error` where the line was no probe that can be asked. */
export type ProbeAnswer = Answer | OpenAnswer | BranchedAnswer | { readonly error: string };
