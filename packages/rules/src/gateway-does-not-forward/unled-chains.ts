/**
 * Pods leave their node with their own addresses although a program keeps a chain that masquerades what they send beyond the cluster: no rule leads there
 * any more. kubernetes-sigs/ip-masq-agent (GKE, AKS), kind's kindnet.
 */
import { type Evidence, formatIp, ip4, ip6, type Node, type Rule, type XtablesVariant } from '@coldtrace/core';
import { runningPod } from '../connections/party.js';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';
import { toolOf } from '../facts/tool-of.js';
import type { Fix } from '../finding.js';
import { type Owner, ownerOfChain } from '../owner/owner.js';
import { judge } from './obstacles.js';
import type { Context } from './statement.js';
import { entryTo } from './unled.js';

const programs: ReadonlySet<Owner | null> = new Set<Owner>(['ip-masq-agent', 'kindnet']);

export function checkUnledChains(cx: Context): void {
  for (const node of cx.snapshot.nodes)
    for (const family of [4, 6] as const) {
      const unled = unledChain(node, family);
      if (unled !== null) checkPod(cx, node, unled);
    }
}

interface Unled {
  readonly family: 4 | 6;
  readonly chain: string;
  readonly program: Owner;
  readonly rule: Rule;
  readonly variant: XtablesVariant | null;
  readonly evidence: readonly Evidence[];
}

function unledChain({ host }: Node, family: 4 | 6): Unled | null {
  for (const {
    table,
    ruleset: { variant },
  } of tablesNamed(host, family, 'nat'))
    for (const { chain, rule } of rulesOf(table, 'MASQUERADE')) {
      const program = ownerOfChain(chain.name);
      const entry = program === null || !programs.has(program) ? null : entryTo(table, chain.name);
      if (program === null || entry === null || entry.led) continue;
      const span = entry.span === null ? [] : [{ span: entry.span, why: 'no rule leads to this chain' }];
      const evidence = [...span, { span: rule.span, why: `${program} masquerades by this` }];
      return { family, chain: entry.chain, program, rule, variant, evidence };
    }
  return null;
}

function checkPod(cx: Context, node: Node, unled: Unled): void {
  const { family, chain, program } = unled;
  const pod = runningPod(cx.snapshot, node, family);
  if (pod?.ip == null) return;
  const target = { ip: family === 4 ? ip4(0x08080808) : ip6(0x20014860, 0x48600000, 0, 0x8888), port: 443 };
  const client = { name: pod.name, ip: pod.ip, origin: pod.origin, evidence: [], doubt: null };
  const { blocked } = judge(cx.snapshot, node, client, target, cx.assume);
  const [obstacle] = blocked?.obstacles ?? [];
  if (blocked === null || obstacle?.kind !== 'unmasked') return;
  const assumptions = [...new Set(blocked.assumptions.map(({ text }) => text))];
  cx.report('unled', {
    certainty: !node.named ? 'possible' : assumptions.length === 0 ? 'proven' : 'likely',
    node: node.name,
    subject: `masquerade ${chain} ${family}`,
    data: { gateway: node.name, program, chain, dev: obstacle.oif ?? '?', source: formatIp(obstacle.source) },
    evidence: [...unled.evidence, ...obstacle.evidence],
    assumptions,
    path: blocked.path,
    fix: fixOf(node, unled, obstacle.ended),
  });
}

/** What stands before the jump and ends the way would end it still. */
function fixOf(node: Node, { family, chain, program, variant }: Unled, ended: boolean): Fix {
  const tool = toolOf(node.host, family, 'nat', variant);
  const rule = `-m addrtype ! --dst-type LOCAL -j ${chain}`;
  return {
    steps: [
      {
        node: node.name,
        command: `${tool} -t nat ${ended ? '-I' : '-A'} POSTROUTING ${rule}`,
        disrupts: "nothing: new connections of pods beyond the cluster get the node's address",
        undo: `${tool} -t nat -D POSTROUTING ${rule}`,
      },
    ],
    persist: `${program} writes the rule that leads to its chain again at its next round: where it stays away the program is not running, or something takes the rule away (a script or a firewall that restores rules of its own). Look at its log.`,
    notes: '',
    verified: null,
  };
}
