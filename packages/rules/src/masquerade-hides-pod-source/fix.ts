/** The same masquerading without what goes to pods: the internet keeps working. */
import { formatPrefix, type Node, type Prefix, printRule } from '@coldtrace/core';
import { toolOf } from '../facts/tool-of.js';
import type { Fix, FixStep } from '../finding.js';
import { type Owner, ownerOfLink } from '../owner/owner.js';
import type { Hidden } from './hidden.js';

export function exemptFix(node: Node, hidden: Hidden, owner: Owner | null): Fix {
  const { chain } = hidden;
  const steps = chain.builtin
    ? replaced(node, hidden, bridgeOf(hidden) !== null && ownerOfLink(hidden.dev) !== null)
    : before(node, hidden);
  return {
    steps: steps.map((step): FixStep => ({ node: node.name, ...step })),
    persist: persistOf(owner),
    notes:
      'Connections that exist keep the source they have until they end. Pods are still masqueraded when they call the internet, so that answers come back.',
    verified: null,
  };
}

type Step = Omit<FixStep, 'node'>;

/** `! -o docker0`: the device by which the pods themselves are reached. */
function bridgeOf({ rule: { header } }: Hidden): string | null {
  return header.oif?.invert === true ? header.oif.name : null;
}

/** A new chain or two take the rule's place, and spare what leaves for pods: by the tunnel's device, else by the address. */
function replaced(node: Node, hidden: Hidden, byDevice: boolean): readonly Step[] {
  const { chain, rule, ruleset, target, dev } = hidden;
  const tool = `${toolOf(node.host, ruleset.family, 'nat', ruleset.variant)} -t nat`;
  const text = printRule(rule, chain.name, ruleset.family, ruleset.variant ?? 'nft').slice(3);
  const [tests = '', action = ''] = cut(text);
  const chains = byDevice ? byDevices(hidden, tests, action) : byAddress(target.network, tests, action);
  const added = chains.flatMap(({ name, rules }) => [
    `${tool} -N ${name}`,
    ...rules.map((one) => `${tool} -A ${name} ${one}`),
  ]);
  const jumps = chains.map(({ jump }) => jump);
  return [
    {
      command: [...added, ...jumps.map((jump) => `${tool} -A ${jump}`)].join('\n'),
      disrupts: 'nothing: the present rule still comes first',
      undo: [
        ...jumps.map((jump) => `${tool} -D ${jump}`),
        ...chains.map(({ name }) => `${tool} -F ${name} && ${tool} -X ${name}`),
      ].join('; '),
    },
    {
      command: `${tool} -D ${text}`,
      disrupts: `new connections of pods by ${dev} show the pods' own addresses; those that exist go on unchanged`,
      undo: `${tool} -I ${chain.name} ${hidden.index} ${text.slice(chain.name.length + 1)}`,
    },
  ];
}

interface NewChain {
  readonly name: string;
  /** What stands in it, and the rule that leads to it. */
  readonly rules: readonly string[];
  readonly jump: string;
}

/** Only what leaves by neither device is translated: one chain for each, entered past it. */
function byDevices(hidden: Hidden, tests: string, action: string): readonly NewChain[] {
  const bridge = bridgeOf(hidden) ?? '';
  const { dev } = hidden;
  return [
    { name: nameFor(bridge), rules: [`! -o ${dev} ${action}`], jump: `${tests} -j ${nameFor(bridge)}` },
    {
      name: nameFor(dev),
      rules: [`! -o ${bridge} ${action}`],
      jump: `${tests.replace(`! -o ${bridge}`, `! -o ${dev}`)} -j ${nameFor(dev)}`,
    },
  ];
}

function byAddress(network: Prefix, tests: string, action: string): readonly NewChain[] {
  const name = 'pods-out';
  return [{ name, rules: [`-d ${formatPrefix(network)} -j RETURN`, action], jump: `${tests} -j ${name}` }];
}

/** Names of chains have at most 28 characters. */
function nameFor(dev: string): string {
  return `pods-not-${dev}`.slice(0, 28);
}

/** Tests with the chain's name, and the target with its options. */
function cut(text: string): readonly string[] {
  const at = text.lastIndexOf(' -j ');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** In a chain that somebody keeps, an exemption before the rule. */
function before(node: Node, { chain, index, target, ruleset, dev }: Hidden): readonly Step[] {
  const rule = `-d ${formatPrefix(target.network)} -j RETURN`;
  const tool = `${toolOf(node.host, ruleset.family, 'nat', ruleset.variant)} -t nat`;
  return [
    {
      command: `${tool} -I ${chain.name} ${index} ${rule}`,
      disrupts: `new connections of pods by ${dev} show the pods' own addresses; those that exist go on unchanged`,
      undo: `${tool} -D ${chain.name} ${rule}`,
    },
  ];
}

function persistOf(owner: Owner | null): string {
  switch (owner) {
    case 'docker':
      return 'dockerd writes its rule again at each start: start it with --ip-masq=false (DOCKER_OPT_IPMASQ in /run/flannel/docker, or "ip-masq": false in daemon.json) and load the chains at boot. Or start flanneld with --ip-masq, whose rules spare the network of the pods; it then tells docker --ip-masq=false.';
    case 'CNI bridge':
      return 'The bridge plugin writes such a chain for each new pod: set "ipMasq": false in its configuration below /etc/cni/net.d (for flannel, in "delegate") and let flanneld masquerade with --ip-masq, whose rules spare the network of the pods.';
    case 'flannel':
      return 'flanneld writes its rules again when they are gone: its network (net-conf.json) has to hold the subnets of all nodes, and its RETURN rule has to stand before MASQUERADE.';
    case 'Calico':
      return 'Felix writes this chain again: have an IPPool that holds the addresses of the other nodes, so that they are in the set that it spares.';
    default:
      return 'Save the rules where they are restored at boot (netfilter-persistent save, or the script that wrote the rule).';
  }
}
