/** Two nodes with an IPIP tunnel between them, in the second kernel: which rules of both count a pod's packet, and whether it arrives. */
import { expect, it } from 'vitest';
import { describeKernel } from '../gate.js';
import { readTwoNodes, tracedAcross, twoNodes } from '../two-nodes.js';
import { BOOT_TOOLS, inSecondKernel } from './boot.js';

const onA = (command: string) => `ip netns exec a ${command}`;
const onB = (command: string) => `ip netns exec b ${command}`;
const marking = onA('iptables-legacy -t mangle -A PREROUTING -p udp --dport 99 -j MARK --set-mark 5');

const cases: readonly (readonly [sentence: string, changes: readonly string[], disposition: string])[] = [
  ['carries the packet, with its mark on the outer one', [marking], 'delivered'],
  ['is stopped by INPUT of the peer', [onB('iptables-legacy -A INPUT -p 4 -j DROP')], 'dropped'],
  [
    'is masqueraded inside with the address of the tunnel',
    [onA('iptables-legacy -t nat -A POSTROUTING -o tunl0 -j MASQUERADE')],
    'delivered',
  ],
  ['ends at a peer whose device is down', [onB('ip link set tunl0 down')], 'dropped'],
];

describeKernel('an IPIP tunnel between two nodes', () => {
  it('is what the counters of both say, case by case', { timeout: 240_000 }, () => {
    const runs = cases.map(([, changes], index) => {
      const script = `mount -t tmpfs tmpfs /run\n${twoNodes('ipip', changes)}`;
      return [`case-${index}`, script] as const;
    });
    const files = inSecondKernel({
      timeoutSeconds: 220,
      files: new Map(runs),
      script: `modprobe ipip\n${runs.map(([name]) => `unshare --net --mount sh -e ${name} >${name}.out`).join('\n')}`,
    });
    for (const [index, [sentence, , disposition]] of cases.entries()) {
      const { nodes, hits, arrived } = readTwoNodes(files.get(`case-${index}.out`) ?? '');
      const { outcomes } = tracedAcross(nodes);
      expect([sentence, ...outcomes.map((one) => [one.disposition, one.because])]).toEqual([
        sentence,
        [disposition, []],
      ]);
      expect([sentence, disposition === 'delivered']).toEqual([sentence, arrived]);
      const counted = (outcomes[0]?.steps ?? []).flatMap(({ node, rule }) =>
        rule === undefined ? [] : [`${node} ${rule.table}/${rule.chain}/${rule.index}`],
      );
      expect([sentence, ...[...counted].sort()]).toEqual([sentence, ...hits]);
    }
  });
}, [...BOOT_TOOLS, 'python3', 'bridge']);
