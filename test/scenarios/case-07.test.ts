/** Case 7, flannel's VXLAN entries with a former hardware address: structured, as a ticket, healthy, with an input taken away, mended. */
import { analyze } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { afterFix } from './after-fix.js';
import { citedLines, remove, replace, sampleCase } from './sample-case.js';

const rule = 'flannel-vtep-mac-stale';
const { analysed, changed } = sampleCase('07-flannel-vtep-mac-stale');
const [old, present] = ['6e:1d:5c:40:b3:87', 'fa:3b:8e:02:d4:c1'] as const;

describe('the entries of node-1', () => {
  it('are ranked first, proven, held against all three sources, with the way across both nodes', async () => {
    const bad = await analysed('bad');
    expect(bad.first).toMatchObject({
      rule,
      severity: 'error',
      certainty: 'proven',
      node: 'node-1',
      data: { peer: 'node-2', device: 'flannel.1', old, mac: present, public: '192.168.3.119' },
    });
    const lines = citedLines(bad);
    expect(lines).toContain(`node-1/ip-neigh.txt: 10.244.1.0 dev flannel.1 lladdr ${old} PERMANENT`);
    expect(lines).toContain(`node-1/bridge-fdb.txt: ${old} dev flannel.1 dst 192.168.3.119`);
    expect(lines).toContain(`node-2/ip-link.txt: link/ether ${present}`);
    expect(lines).toContain(`"VtepMAC":"${present}"`);
    expect(lines).toContain('public-ip: 192.168.3.119');
    const stages = bad.first?.path.map(({ node, stage }) => `${node} ${stage}`) ?? [];
    expect(stages).toEqual(
      expect.arrayContaining([
        'node-1 routing',
        'node-1 egress',
        'node-1 vxlan',
        'node-2 socket',
        'node-2 vxlan',
        'node-2 ingress',
      ]),
    );
    expect(bad.first?.path.at(-1)?.what).toContain("another host's hardware address");
    expect(bad.report.findings).toHaveLength(1);
  });

  it('are seen in the ticket, weaker, and it is said what is missing to be sure', async () => {
    const { first } = await analysed('ticket.txt');
    expect(first).toMatchObject({ rule, severity: 'error', certainty: 'likely', data: { old, mac: present } });
    expect(first?.assumptions.join()).toMatch(/is not in the snapshot/);
  });

  it('are in order in the healthy twin', async () => {
    const { report } = await analysed('healthy');
    expect(report.findings).toEqual([]);
    expect(report.evaluated).toContain(rule);
  });
});

describe('with an input taken away or changed', () => {
  it.each(['node-1/ip-neigh.txt', 'node-1/bridge-fdb.txt', 'node-1/ip-route.txt', 'node-2/ip-addr.txt'])(
    'without %s it is no longer proven, or not evaluated',
    async (file) => {
      const { report } = await analysed(changed(file, remove(file)));
      const found = report.findings.find((finding) => finding.rule === rule);
      if (found === undefined) expect(report.notEvaluated.map((row) => row.rule)).toContain(rule);
      else expect(found.certainty).not.toBe('proven');
    },
  );

  it('without the links of node-2 its announcement stands in, and is no proof', async () => {
    const copy = changed('no-links', (path) => {
      remove('node-2/ip-link.txt')(path);
      remove('node-2/ip-addr.txt')(path);
    });
    const { report } = await analysed(copy);
    const found = report.findings.find((finding) => finding.rule === rule);
    expect(found).toMatchObject({ certainty: 'likely', data: { old, mac: present } });
    expect(found?.assumptions.join()).toContain('as its node announces it');
  });

  it('with the right neighbour entry the forwarding entry alone is at fault; with both right nothing is', async () => {
    const mended = replace('node-1/ip-neigh.txt', old, present);
    const half = await analysed(changed('half', mended));
    expect(half.first).toMatchObject({ rule, certainty: 'proven', data: { old } });
    expect(half.first?.message).toContain('no forwarding entry');
    const whole = await analysed(
      changed('whole', (copy) => {
        mended(copy);
        replace('node-1/bridge-fdb.txt', old, present)(copy);
      }),
    );
    expect(whole.report.findings).toEqual([]);
  });

  it.each([[['node-1']], [['node-2']], [['node-1', 'node-2']]])(
    'the healthy twin without the neighbours of %j has nothing wrong, and they are asked for',
    async (nodes) => {
      const drop = (copy: string) => {
        for (const node of nodes) remove(`${node}/ip-neigh.txt`)(copy);
      };
      const { report } = await analysed(changed(`unasked-${nodes.join('-')}`, drop, 'healthy'));
      expect(report.findings).toEqual([]);
      const asked = report.notEvaluated.filter(
        (row) => row.rule === 'connection-fails' && row.needs.includes('ip-neigh'),
      );
      expect(asked.map(({ node }) => node)).toEqual(nodes);
    },
  );

  it('an annotation that was not renewed is told too', async () => {
    const { first } = await analysed(changed('announced', replace('kubernetes/nodes.yaml', present, old)));
    expect(first).toMatchObject({ rule, data: { old, mac: present } });
    expect(first?.fix?.persist).toContain('whose annotation is out of date');
  });
});

describe('the fix', () => {
  it('replaces both entries, removes the old one, and says why deleting is not enough', async () => {
    const { first } = await analysed('bad');
    expect(first?.fix?.steps.map(({ node, command }) => `${node}: ${command}`)).toEqual([
      `node-1: ip neigh replace 10.244.1.0 lladdr ${present} dev flannel.1 nud permanent`,
      `node-1: bridge fdb replace ${present} dev flannel.1 dst 192.168.3.119 self permanent`,
      `node-1: bridge fdb del ${old} dev flannel.1 dst 192.168.3.119 self`,
    ]);
    expect(first?.fix?.notes).toContain('cannot ask by ARP');
  });

  it.each(['bad'])('%s: carried out, nothing is left to find', async (variant) => {
    const { snapshot, first } = await analysed(variant);
    if (first === undefined) throw new Error('nothing was found');
    expect(analyze(afterFix(snapshot, first)).findings).toEqual([]);
  });
});
