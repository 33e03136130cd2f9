/** Pods' packets that a node's firewall logged as it refused to pass them on, where its rules were not captured. */
import type { RefusedPacket } from '../facts/refused-packets.js';
import { firewallOf, grouped, nameOf, onlyLogs, refusedPackets } from '../facts/refused-packets.js';
import type { Fix, FixStep } from '../finding.js';
import { type Owner, ownerOfLink } from '../owner/owner.js';
import type { Context } from './statement.js';

export function checkLogged(cx: Context): void {
  const forwarded = refusedPackets(cx.snapshot).filter((packet) => packet.out !== '' && isOfPods(packet.in));
  for (const all of grouped(forwarded, ({ node, in: dev, out }) => `${node?.name ?? ''} ${dev} ${out}`)) {
    const [first] = all;
    const unsure = first.owner === 'ufw';
    cx.report('logged', {
      ...(unsure ? { severity: 'warning', certainty: 'possible' } : { certainty: 'likely' }),
      node: first.node?.name ?? null,
      subject: `${first.in} ${first.out}`,
      data: {
        gateway: nameOf(first),
        in: first.in,
        out: first.out,
        firewall: firewallOf(first),
        prefix: first.prefix,
        count: all.length,
      },
      evidence: all
        .slice(0, 3)
        .map(({ log }) => ({ span: log.span, why: unsure ? 'logged where ufw refuses' : 'refused, and logged' })),
      assumptions: unsure ? [onlyLogs, nothingBehind] : [onlyLogs],
      fix: fixOf(first),
    });
  }
}

/** ufw logs before the policy of FORWARD drops, and flannel appends its own rules between the two. */
const nothingBehind =
  'no rule behind those of ufw accepts the packets: it logs what comes to the end of its chains, and the policy of FORWARD drops only what comes to the end of all; FLANNEL-FWD often stands between the two (iptables -S FORWARD shows it)';

const podOwners: ReadonlySet<Owner | null> = new Set<Owner | null>([
  'flannel',
  'CNI bridge',
  'Calico',
  'Weave',
  'kube-router',
  'Cilium',
]);

function isOfPods(device: string): boolean {
  return podOwners.has(ownerOfLink(device));
}

function fixOf({ node, owner, in: dev, out }: RefusedPacket): Fix {
  const disrupts = `nothing: what comes in by ${dev} for ${out} is passed on`;
  const step = (command: string, undo: string): FixStep => ({ node: node?.name ?? null, command, disrupts, undo });
  const fix = (steps: readonly FixStep[], persist: string): Fix => ({ steps, persist, notes: '', verified: null });
  if (owner === 'ufw') {
    const rule = `allow in on ${dev} out on ${out}`;
    return fix([step(`ufw route ${rule}`, `ufw route delete ${rule}`)], 'ufw keeps the rule.');
  }
  if (owner === 'firewalld') {
    const devices = [...new Set([dev, out])].filter(isOfPods);
    return fix(
      devices.map((name) =>
        step(
          `firewall-cmd --zone=trusted --add-interface=${name}`,
          `firewall-cmd --zone=trusted --remove-interface=${name}`,
        ),
      ),
      'The same with --permanent; or add the network of the pods as a source of that zone.',
    );
  }
  const rule = `FORWARD -i ${dev} -o ${out} -j ACCEPT`;
  return fix(
    [step(`iptables -I ${rule}`, `iptables -D ${rule}`)],
    'Put the rule where the others come from: the configuration of the firewall, or the file that iptables-restore reads.',
  );
}
