/** What a table of cases cannot say: why the rule could not tell. */
import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze.js';
import { connectionFails } from '../connection-fails/rule.js';
import { objects, world } from './cases.world.js';
import { serviceEndpointDead } from './rule.js';

const empty =
  '*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n';
const elsewhere = (more: Readonly<Record<string, string>>) =>
  world({
    endpoints: [7, 8],
    servers: { 7: [22, 6443], 8: [22] },
    by: 'nobody',
    more: { 'web-1/iptables-save.txt': empty, ...more },
  });
const told = (more: Readonly<Record<string, string>>) =>
  analyze(elsewhere(more), { rules: [serviceEndpointDead, connectionFails] });

describe('where neither rules nor IPVS serve a Service', () => {
  const served = told({ 'api/objects.yaml': objects(['172.31.9.7', '172.31.9.8']) });

  it('nothing is said of its endpoints, and that is told', () => {
    expect(served.findings).toEqual([]);
    expect(served.evaluated).not.toContain('service-endpoint-dead');
    expect(served.notEvaluated.map(({ because }) => because)).toContain(
      'neither rules nor IPVS serve a Service on the nodes that were captured; another data plane may',
    );
  });

  it('the connections that were left out are counted', () =>
    expect(served.notEvaluated.map(({ because }) => because).join('\n')).toMatch(
      /\d+ of \d+ standard connections go to Services that nothing on their node translates/,
    ));

  it('nothing of the kind is said of rules that were not captured', () => {
    const { notEvaluated } = told({ 'api/objects.yaml': objects(['172.31.9.7']), 'web-1/iptables-save.txt': '' });
    expect(JSON.stringify(notEvaluated)).not.toMatch(/nothing on their node|neither rules nor IPVS/);
  });

  it('no Service is no reason', () => expect(told({}).evaluated).toContain('service-endpoint-dead'));
});
