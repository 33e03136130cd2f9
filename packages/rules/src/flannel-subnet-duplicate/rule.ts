/** Two nodes hold one flannel subnet: the others route it to one of them, and pods of both share addresses. */
import {
  type Address,
  type Family,
  formatIp,
  formatPrefix,
  type Prefix,
  prefixesOverlap,
  prefixOf,
  sameIp,
} from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import type { Fix, FixStep } from '../finding.js';
import { certaintyOf, restartFlanneld } from '../flannel/common.js';
import { type FlannelNode, flannelNodes, hostAddresses, type Told } from '../flannel/flannel-node.js';
import { checkRoutedAway } from './routed-away.js';

const messages = {
  duplicate:
    '{first} and {second} both hold {subnet}: other nodes send what is for its pods to one of them only, and pods of both can have the same address',
  overlap:
    '{subnet} of {first} and {other} of {second} overlap: other nodes send what is for the part in common to one of them only',
  away: '{node} sends what is for {subnet}, its own pods behind {dev}, to {gateway}: the route through it stands first, since another node holds the subnet or held it',
} as const;

export type Context = RuleContext<keyof typeof messages>;

export const flannelSubnetDuplicate = defineRule({
  id: 'flannel-subnet-duplicate',
  severity: 'error',
  summary: 'Two nodes hold the same flannel subnet.',
  needs: ['subnet-env', 'nodes'],
  messages,
  check: (cx) => {
    const nodes = flannelNodes(cx.snapshot);
    if (nodes.length === 1)
      cx.notEvaluated(null, ['subnet-env', 'nodes'], `no other node than ${nodes[0]?.name ?? ''} was captured`);
    checkRoutedAway(cx);
    for (const one of nodes) if (held(one).length === 0) cx.notEvaluated(one.name, ['subnet-env', 'nodes']);
    for (const [index, first] of nodes.entries())
      for (const second of nodes.slice(index + 1)) if (!isSameMachine(first, second)) compare(cx, first, second);
  },
});

/** What the node uses: flanneld's file or log, else the API, else the network of its bridge. */
function held(one: FlannelNode): readonly Told<Prefix>[] {
  const told = ([4, 6] as const).flatMap(
    (family) => one.subnets.find(({ value, source }) => value.ip.family === family && source !== 'route') ?? [],
  );
  return told.length > 0 ? told : ([4, 6] as const).flatMap((family) => bridgeNetwork(one, family));
}

function bridgeNetwork({ node, name }: FlannelNode, family: Family): readonly Told<Prefix>[] {
  const row = node?.host.addresses.rows.find(
    ({ dev, ip, scope }) => /^(?:cni0|cbr0)$/.test(dev) && ip.family === family && scope === 'global',
  );
  if (row === undefined) return [];
  const evidence = { span: row.span, why: `network of ${row.dev} of ${name}` };
  return [{ value: prefixOf(row.ip, row.prefixLength), evidence, trust: 'claimed', source: 'bridge' }];
}

/** One machine that was captured twice, under two names. */
function isSameMachine(first: FlannelNode, second: FlannelNode): boolean {
  if (first.node === null || second.node === null) return first.name === second.name;
  const own = (one: readonly Address[]) => one.filter(({ ip }) => ip.family === 4).map(({ ip }) => ip);
  const [mine, theirs] = [own(hostAddresses(first.node, 4)), own(hostAddresses(second.node, 4))];
  return mine.length > 0 && theirs.some((ip) => mine.some((other) => sameIp(ip, other)));
}

function compare(cx: Context, first: FlannelNode, second: FlannelNode): void {
  for (const mine of held(first)) {
    const theirs = held(second).find(
      ({ value }) => value.ip.family === mine.value.ip.family && prefixesOverlap(value, mine.value),
    );
    if (theirs === undefined) continue;
    const [subnet, other] = [formatPrefix(mine.value), formatPrefix(theirs.value)];
    const bridges = [mine, theirs].filter(({ source }) => source === 'bridge');
    const doubts = bridges.map(
      ({ evidence }) => `the subnet is taken from the ${evidence.why} (subnet-env is not in the snapshot)`,
    );
    cx.report(subnet === other ? 'duplicate' : 'overlap', {
      certainty: certaintyOf([first, second], [mine, theirs], doubts),
      node: null,
      subject: `${subnet} ${first.name} ${second.name}`,
      data: { first: first.name, second: second.name, subnet, other },
      evidence: [mine.evidence, theirs.evidence, ...routeEvidence(cx, mine.value)],
      assumptions: doubts,
      fix: leaseFix(first, second),
    });
  }
}

/** Where other nodes send the subnet. */
function routeEvidence({ snapshot }: Context, subnet: Prefix) {
  return snapshot.nodes
    .flatMap((node) =>
      node.host.routes.rows
        .filter(
          ({ dst, nexthops }) => formatPrefix(dst) === formatPrefix(subnet) && nexthops.some(({ via }) => via !== null),
        )
        .map(({ span, nexthops }) => ({
          span,
          why: `${node.name} sends all of it to ${nexthops[0]?.via == null ? 'one' : formatIp(nexthops[0].via)}`,
        })),
    )
    .slice(0, 2);
}

/** The one whose file is not what the API gave it has to let go; else the second. */
function leaseFix(first: FlannelNode, second: FlannelNode): Fix {
  const wrong = [first, second].find(strayed) ?? second;
  const steps: readonly FixStep[] = [
    {
      node: wrong.name,
      command: 'cp /run/flannel/subnet.env /root/subnet.env.before && rm /run/flannel/subnet.env',
      disrupts: 'nothing yet: flanneld and the plugin read it when they start',
      undo: 'cp /root/subnet.env.before /run/flannel/subnet.env',
    },
    restartFlanneld(wrong),
    {
      node: wrong.name,
      command: 'ip link delete cni0',
      disrupts: `pods of ${wrong.name} lose their network until they are made anew with addresses of the new subnet`,
      undo: 'restore subnet.env, and the plugin makes the former bridge with the next pod',
    },
  ];
  return {
    steps,
    persist:
      'Each node needs a lease of its own: a podCIDR in its Node object (kube-controller-manager --allocate-node-cidrs), or a key of its own under /coreos.com/network/subnets in etcd.',
    notes:
      'Images of machines that were cloned with /run/flannel/subnet.env, and nodes registered twice under other names, bring two nodes to one subnet.',
    verified: null,
  };
}

function strayed({ subnets }: FlannelNode): boolean {
  const file = subnets.find(({ source }) => source === 'subnet.env');
  const object = subnets.find(({ source }) => source === 'node');
  return file !== undefined && object !== undefined && formatPrefix(file.value) !== formatPrefix(object.value);
}
