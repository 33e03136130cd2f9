/** What agent/agent.py does for a cluster: namespaces by name, sockets that answer, connections. */
import { fileURLToPath } from 'node:url';
import type { ToolRun } from '../referee/agent.js';
import type { Hands } from '../referee/apply.js';
import { Conversation } from '../referee/conversation.js';
import { sourceFolder } from '../referee/source-folder.js';

/** Who answered, at which of its addresses, and whom it saw. */
export interface Server {
  readonly space: string;
  readonly src: string;
  readonly sport: number;
  readonly dst: string;
  readonly dport: number;
}

export type Result =
  /** `by` null: the connection stood, and nothing was said. */
  (
    | { readonly kind: 'answered'; readonly by: Server | null }
    | { readonly kind: 'error'; readonly errno: string }
    | { readonly kind: 'silence' }
    /** There was no such socket to be had. */
    | { readonly kind: 'refused'; readonly errno: string }
  ) & {
    /** Where a node sent it instead of where the client called. */
    readonly towards?: Endpoint;
  };

export interface Endpoint {
  readonly dst: string;
  readonly dport: number;
}

export interface Connected {
  readonly results: readonly Result[];
  readonly seen: readonly string[];
}

export interface Attempt {
  readonly space: string;
  readonly proto: 'tcp' | 'udp';
  readonly src: string | null;
  readonly sport: number;
  readonly dst: string;
  readonly dport: number;
  /** It is waited for longer. */
  readonly expected: boolean;
}

/** Seconds that an answer may take which is sure to come. */
const patience = 6;

export class ClusterAgent extends Conversation {
  constructor() {
    super(fileURLToPath(new URL('agent/agent.py', sourceFolder(import.meta.url))));
  }

  newSpaces(spaces: readonly string[]): Promise<object> {
    return this.ask({ op: 'new', spaces });
  }

  /** What runs tools in one of the namespaces. */
  in(at: string): Hands {
    return {
      run: (argv, input = '') => this.ask<ToolRun>({ op: 'run', at, argv, input }),
      write: (values) => this.ask({ op: 'write', at, values }),
    };
  }

  async capture(spaces: readonly string[], commands: readonly string[]): Promise<readonly (readonly string[])[]> {
    const answer = await this.ask<{ outputs: readonly (readonly string[])[] }>({ op: 'capture', spaces, commands });
    return answer.outputs;
  }

  /** Sockets: protocol, address or `*`, port, `both`. */
  listen(at: string, family: 4 | 6, sockets: readonly (readonly string[])[]): Promise<object> {
    return this.ask({ op: 'listen', at, family, sockets });
  }

  /** What came of them, and the lines of `conntrack -E` meanwhile. */
  connect(attempts: readonly Attempt[]): Promise<Connected> {
    return this.ask({ op: 'connect', attempts, patience });
  }

  sleep(seconds: number): Promise<object> {
    return this.ask({ op: 'sleep', seconds });
  }
}
