/** Case 5, the gateway node does not forward: its three causes, as directories and as a ticket, healthy, with a dump taken away, and with the line flipped. */
import { analyze } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { afterFix } from './after-fix.js';
import { citedLines, remove, replace, sampleCase } from './sample-case.js';

const sample = sampleCase('05-gateway-does-not-forward');
const rule = 'gateway-does-not-forward';
const report = async (path: string) => (await sample.analysed(path)).report;
const found = async (path: string) => (await report(path)).findings.find((finding) => finding.rule === rule);

let copies = 0;
const changed = (file: string, from: string, to: string) =>
  sample.changed(`changed-${copies++}`, replace(file, from, to));
const agentsWithout = (dump: string) =>
  sample.changed(`agents-${dump}`, (copy) => {
    for (const agent of ['agent-1', 'agent-2']) remove(`${agent}/${dump}`)(copy);
  });

describe('structured input', () => {
  it.each([
    ['bad', 'proven', 'policy', 'docker', ':FORWARD DROP', 'iptables -P FORWARD ACCEPT'],
    ['ufw', 'proven', 'policy', 'ufw', ':FORWARD DROP', 'iptables -P FORWARD ACCEPT'],
    ['sysctl-off', 'proven', 'forwarding-off', '', 'net.ipv4.ip_forward = 0', 'sysctl -w net.ipv4.ip_forward=1'],
    [
      'masquerade-missing',
      'proven',
      'unmasked',
      '',
      '-A POSTROUTING -s 10.42.0.0/16',
      'iptables -t nat -A POSTROUTING -s 172.29.1.0/24 -o eth0 -j MASQUERADE',
    ],
  ])(
    '%s is ranked first, %s, its cause told apart, with one command',
    async (variant, certainty, cause, owner, line, command) => {
      const analysed = await sample.analysed(variant);
      const [first, ...others] = analysed.report.findings;
      expect(others).toEqual([]);
      expect(first).toMatchObject({
        rule,
        severity: 'error',
        certainty,
        node: 'master',
        data: { cause, owner, count: 2 },
      });
      const lines = citedLines(analysed);
      expect(lines).toContain(line);
      expect(lines).toContain('agent-1/ip-route.txt: default via 172.29.1.100 dev eth0');
      expect(first?.fix?.steps.map((step) => [step.node, step.command])).toEqual([['master', command]]);
    },
  );

  it('shows the way over both nodes', async () => {
    const { path = [] } = (await found('bad')) ?? {};
    expect([...new Set(path.map(({ node }) => node))]).toEqual(['agent-1', 'master']);
    expect(path.at(-1)).toMatchObject({ node: 'master', stage: 'filter/FORWARD' });
  });
});

describe('other inputs', () => {
  it('is silent on the healthy twin', async () => {
    expect((await report('healthy')).findings).toEqual([]);
  });

  it('is seen in the pasted ticket, and not called proven', async () => {
    const [first] = (await report('ticket.txt')).findings;
    expect(first).toMatchObject({
      rule,
      severity: 'error',
      certainty: 'likely',
      data: { cause: 'policy', owner: 'docker' },
    });
    expect(first?.assumptions.length).toBeGreaterThan(0);
  });
});

describe('with one dump taken away', () => {
  const ofMaster = ['iptables-save.txt', 'sysctl.txt', 'ip-addr.txt', 'ip-route.txt', 'ip-rule.txt'];
  it.each(ofMaster)('without %s of the master it is no longer proven', async (dump) => {
    const { findings, notEvaluated } = await report(sample.changed(`master-${dump}`, remove(`master/${dump}`)));
    const finding = findings.find((one) => one.rule === rule);
    if (finding === undefined)
      expect(notEvaluated.filter((one) => one.rule === rule).map(({ node }) => node)).toEqual(['master']);
    else expect(finding.certainty).not.toBe('proven');
  });

  it('without the rules of the master it is not evaluated, and asked for', async () => {
    const { findings, notEvaluated } = await report(sample.changed('no-rules', remove('master/iptables-save.txt')));
    expect(findings).toEqual([]);
    expect(notEvaluated).toContainEqual(expect.objectContaining({ rule, node: 'master', needs: ['iptables-save'] }));
  });

  it.each(['ip-route.txt', 'ip-addr.txt', 'ip-rule.txt', 'iptables-save.txt'])(
    'without %s of the agents it is no longer proven',
    async (dump) => {
      expect((await found(agentsWithout(dump)))?.certainty).not.toBe('proven');
    },
  );
});

describe('with the decisive line changed', () => {
  it('is gone when the policy accepts', async () => {
    expect((await report(changed('master/iptables-save.txt', ':FORWARD DROP', ':FORWARD ACCEPT'))).findings).toEqual(
      [],
    );
  });

  it('is gone when a rule accepts the network and its answers', async () => {
    const rules =
      '-A FORWARD -s 172.29.1.0/24 -j ACCEPT\n-A FORWARD -d 172.29.1.0/24 -m conntrack --ctstate ESTABLISHED -j ACCEPT\n';
    const path = changed(
      'master/iptables-save.txt',
      '-A FORWARD -j DOCKER-USER\n',
      `-A FORWARD -j DOCKER-USER\n${rules}`,
    );
    expect((await report(path)).findings).toEqual([]);
  });

  it('is about the rule when a rule drops', async () => {
    const path = changed('master/iptables-save.txt', '-A DOCKER-USER -j RETURN', '-A DOCKER-USER -i eth1 -j DROP');
    expect(await found(path)).toMatchObject({
      data: { cause: 'rule policy-for-answers', chain: 'DOCKER-USER', index: 1 },
    });
  });

  it('is gone when the agents have another gateway', async () => {
    const path = changed('agent-1/ip-route.txt', 'via 172.29.1.100', 'via 172.29.1.1');
    expect(await found(path)).toMatchObject({ data: { count: 1, clients: 'agent-2' } });
  });
});

describe('the fix', () => {
  it.each(['bad', 'ufw', 'sysctl-off', 'masquerade-missing'])('of %s mends it', async (variant) => {
    const { snapshot, first } = await sample.analysed(variant);
    if (first === undefined) throw new Error('nothing found');
    expect(analyze(afterFix(snapshot, first)).findings).toEqual([]);
  });
});
