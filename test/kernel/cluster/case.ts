/** One case: a cluster as the commands that make it, and the connections that are tried in it. Data only, so that it can be stored and shrunk. */
import type { Line } from '../referee/case.js';

/** A network namespace. */
export interface Space {
  readonly name: string;
  /** Of which node it is a capture, as its host or as a pod; null: nobody captures it. */
  readonly node: string | null;
}

/** A line of a case, in the namespace where it is carried out. */
export interface PlacedLine extends Line {
  readonly at: string;
  /** Of a cluster of both families those of the second one; else it is the case's. */
  readonly family?: 4 | 6;
}

export interface Client {
  /** Where the process runs. */
  readonly space: string;
  /** As `--from` has it. */
  readonly who: string;
  /** What it binds to: for `--from ADDRESS` that address; with `outside` it is `--src`. */
  readonly src?: string;
}

export interface Connection {
  readonly id: string;
  readonly from: Client;
  readonly proto: 'tcp' | 'udp';
  readonly sport: number;
  readonly dst: string;
  readonly dport: number;
}

export interface ClusterCase {
  readonly name: string;
  readonly family: 4 | 6;
  /** It has IPv4 and IPv6. */
  readonly dual?: boolean;
  /** What the table of results counts it under. */
  readonly features: readonly string[];
  readonly spaces: readonly Space[];
  readonly setup: readonly PlacedLine[];
  readonly connections: readonly Connection[];
}
