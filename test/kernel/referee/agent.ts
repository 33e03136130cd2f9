/** What agent/agent.py does for a case of one node. */
import { fileURLToPath } from 'node:url';
import { Conversation } from './conversation.js';
import { sourceFolder } from './source-folder.js';

export interface ToolRun {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A packet as a log message shows it, at one of the places that agent/watch.py names. */
export interface LoggedPacket {
  readonly at: 'answer' | 'local' | 'out';
  readonly mark: number;
  readonly in: string | null;
  readonly out: string | null;
  readonly physin?: string | null;
  readonly physout?: string | null;
  /** From the IP header on, in hex. */
  readonly packet: string;
}

export interface SeenTuple {
  readonly src: string;
  readonly dst: string;
  readonly proto: number;
  readonly sport?: number;
  readonly dport?: number;
  readonly icmp_id?: number;
  readonly icmp_type?: number;
  readonly icmp_code?: number;
}

export interface SeenEntry {
  readonly orig: SeenTuple;
  readonly reply: SeenTuple;
  readonly mark?: number;
}

export interface Seen {
  readonly errno: string | null;
  readonly src: string | null;
  readonly logs: readonly LoggedPacket[];
  readonly frames: readonly { readonly port: string; readonly frame: string }[];
  /** Variant, table, chain, number of the rule from 1, packets counted. */
  readonly hits: readonly (readonly [string, string, string, number, number])[];
  /** The connections that are new or have counted the packet. */
  readonly conntrack: readonly SeenEntry[];
  /** All that are known. */
  readonly table: readonly SeenEntry[];
}

export type Sent =
  | { readonly port: string; readonly frame: string }
  | { readonly socket: Readonly<Record<string, string | number | boolean>> };

export class Agent extends Conversation {
  constructor() {
    super(fileURLToPath(new URL('agent/agent.py', sourceFolder(import.meta.url))));
  }

  newNode(): Promise<object> {
    return this.ask({ op: 'new' });
  }

  /** Cables from the node to the outside: the first ends at p0 here, the next at p1. */
  cable(devices: readonly (readonly [name: string, mac: string])[]): Promise<ToolRun> {
    return this.ask({ op: 'cable', devices });
  }

  run(argv: readonly string[], input = ''): Promise<ToolRun> {
    return this.ask({ op: 'run', argv, input });
  }

  write(values: readonly (readonly [path: string, value: string])[]): Promise<{ readonly refused: readonly string[] }> {
    return this.ask({ op: 'write', values });
  }

  async capture(commands: readonly string[]): Promise<readonly string[]> {
    return (await this.ask<{ readonly outputs: readonly string[] }>({ op: 'capture', commands })).outputs;
  }

  watchRules(family: 4 | 6, variants: readonly string[]): Promise<object> {
    return this.ask({ op: 'watch', family, variants });
  }

  /** Commands that make connections known, now and before each fresh probe. */
  remember(commands: readonly (readonly string[])[]): Promise<object> {
    return this.ask({ op: 'remember', commands });
  }

  /** Commands, with what they read, that put back before each fresh probe what a packet changes. */
  renew(commands: readonly (readonly [argv: readonly string[], input: string])[]): Promise<object> {
    return this.ask({ op: 'renew', commands });
  }

  /** Sockets: protocol, address or `*`, port, `transparent`. */
  listen(family: 4 | 6, sockets: readonly (readonly string[])[]): Promise<{ readonly refused: readonly string[] }> {
    return this.ask({ op: 'listen', family, sockets });
  }

  sleep(seconds: number): Promise<object> {
    return this.ask({ op: 'sleep', seconds });
  }

  /** `fresh`: no connection is known beforehand. */
  probe(sent: Sent, family: 4 | 6, fresh: boolean): Promise<Seen> {
    return this.ask({ op: 'probe', family, fresh, ...sent });
  }
}
