/** What `trace` is asked, and what it answers. */
import type { Ip } from '../inet/ip.js';
import type { NetNs, Node } from '../snapshot/node.js';
import type { Reason } from '../tri.js';
import type { Outcome } from './outcome.js';
import type { AssumeMode } from './place.js';

/** Where the connection starts: a process in a namespace, or a packet that enters one at a device. */
export type Origin =
  | { readonly kind: 'process'; readonly node: Node; readonly ns: NetNs; readonly src: Ip | null }
  | {
      readonly kind: 'entering';
      readonly node: Node;
      readonly ns: NetNs;
      readonly dev: string;
      readonly src: Ip;
      /** What has to hold for the packet to come in there, and was not captured. */
      readonly taken?: readonly Reason[];
      /** What is taken of a client that was not captured itself: only what works rests on it. */
      readonly client?: Reason;
      /** What leaves open that its packets come in there at all: it may reach whom it calls by itself, or by another node. */
      readonly beside?: Reason;
    };

/** One connection that somebody may open. */
export interface TraceQuestion {
  readonly from: Origin;
  /** Whom it calls; `port` null for a protocol without ports. */
  readonly to: { readonly ip: Ip; readonly port: number | null };
  /** Number of the upper-layer protocol: 6 is TCP. */
  readonly proto: number;
  /** null: of the client's choice, for which 40000 stands. */
  readonly sport: number | null;
  readonly assume: AssumeMode;
}

/**
 * - `works`, `fails`: every way ends so; it works when the packet arrives and its answer comes back
 * - `depends`: chance decides (`statistic`, IPVS, several ways of a route)
 * - `unknown`: what was not captured, or is not modelled, decides; `Outcome.because` names it
 */
export type TraceVerdict = 'works' | 'fails' | 'unknown' | 'depends';

/** What becomes of the connection. Several outcomes where chance decides; what is open is one outcome of its own. */
export interface Trace {
  readonly verdict: TraceVerdict;
  readonly outcomes: readonly Outcome[];
}
