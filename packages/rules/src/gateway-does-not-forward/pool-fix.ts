/** What makes a node masquerade what pods of a pool send beyond the pools: the member that its set lacks, the rule that leads to Felix's chains, or Felix anew. */
import { formatPrefix, type Node, type Prefix, prefixOf, type Snapshot, type XtablesVariant } from '@coldtrace/core';
import { apiNameOf } from '../facts/api-nodes.js';
import { toolOf } from '../facts/tool-of.js';
import type { Fix } from '../finding.js';
import type { Entry } from './unled.js';

export interface WayIn extends Entry {
  readonly variant: XtablesVariant | null;
}

interface Missing {
  /** The set without the pool. */
  readonly lacking: string | null;
  /** Its chain is not asked, or too late. */
  readonly entry: WayIn | null;
}

export function poolFix(snapshot: Snapshot, node: Node, cidr: Prefix, { lacking, entry }: Missing): Fix {
  if (lacking !== null) return byHand(node, cidr, lacking);
  return entry === null ? byFelix(apiNameOf(snapshot, node)) : byJump(node, cidr, entry);
}

function byJump(node: Node, cidr: Prefix, { chain, variant }: WayIn): Fix {
  const tool = toolOf(node.host, cidr.ip.family, 'nat', variant);
  return {
    steps: [
      {
        node: node.name,
        command: `${tool} -t nat -I POSTROUTING -j ${chain}`,
        disrupts: "nothing: new connections of pods beyond the pools get the node's address",
        undo: `${tool} -t nat -D POSTROUTING -j ${chain}`,
      },
    ],
    persist: `Felix writes the rule that leads to ${chain} when it starts, and again after others removed it: restart calico-node on ${node.name}, and see what keeps it from doing so.`,
    notes: '',
    verified: null,
  };
}

function byHand(node: Node, cidr: Prefix, set: string): Fix {
  const member = formatPrefix(prefixOf(cidr.ip, cidr.length));
  return {
    steps: [
      {
        node: node.name,
        command: `ipset add ${set} ${member}`,
        disrupts: "nothing: new connections of pods beyond the pools get the node's address",
        undo: `ipset del ${set} ${member}`,
      },
    ],
    persist: `Felix fills ${set} from the IPPool objects: restart calico-node on ${node.name}, and read its log where the set stays as it is.`,
    notes: 'Felix removes what it did not add where its own view of the pools is another one.',
    verified: null,
  };
}

function byFelix(name: string): Fix {
  return {
    steps: [
      {
        node: null,
        command: `kubectl -n kube-system delete pod -l k8s-app=calico-node --field-selector spec.nodeName=${name}`,
        disrupts: 'routes and rules stay while calico-node starts anew',
        undo: 'none needed',
      },
    ],
    persist: 'Felix writes its rules anew when it starts, and again after others removed them.',
    notes:
      'Where the operator installed Calico, its namespace is calico-system. What Felix writes is not simulated; compare with a capture from afterwards (coldtrace diff).',
    verified: null,
  };
}
