/** Worlds that show the fault, and worlds that look like it. */
import { base, serviceObjects, world } from '../ipvs-source-is-service-address/cases.world.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const object = (endpoints: readonly string[]) => ({
  'api/objects.yaml': serviceObjects('kubernetes', '10.43.0.1', 443, endpoints, 6444),
});
const dns = base.services.slice(2);
const many = ['11', '12', '13', '14', '15', '16'].map((last) => `10.43.0.${last}`);
const scaledToZero = ['-A -t 10.43.0.1:443 -s wrr', ...dns];
const byRules =
  '*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:S - [0:0]\n-A OUTPUT -d 10.43.0.1/32 -p tcp -m tcp --dport 443 -j S\n-A S -p tcp -j DNAT --to-destination 172.16.5.2:6444\nCOMMIT\n';

export const cases: BuiltinCases = {
  bad: [
    { name: 'a Service has no virtual service', snapshot: world({ services: dns, more: object(['172.16.5.2']) }) },
    { name: 'only a set tells the port', snapshot: world({ services: dns }) },
    {
      name: 'nothing tells what the address is for',
      snapshot: world({ bound: [...base.bound, '10.43.9.9'], server: null }),
    },
    {
      name: 'another port of the Service is served',
      snapshot: world({
        more: { 'api/objects.yaml': serviceObjects('dns', '10.43.0.10', 9153, ['172.16.5.2'], 9153) },
      }),
    },
    {
      name: 'the address is not even bound',
      snapshot: world({ more: { 'api/objects.yaml': serviceObjects('web', '10.43.7.7', 80, ['172.16.5.2'], 8080) } }),
    },
    { name: 'IPVS is empty', snapshot: world({ services: [] }) },
    {
      name: 'IPVS is empty, and the API tells what it is to serve',
      snapshot: world({
        services: [],
        more: {
          ...object(['172.16.5.2']),
          'api/dns.yaml': serviceObjects('dns', '10.43.0.10', 53, ['172.16.5.2'], 5353),
        },
      }),
    },
    { name: 'many addresses are bound for nothing', snapshot: world({ bound: [...base.bound, ...many] }) },
    { name: 'no server follows', snapshot: world({ services: scaledToZero, more: object(['172.16.5.2']) }) },
    {
      name: 'the server has no weight',
      snapshot: world({
        services: [...scaledToZero.slice(0, 1), '-a -t 10.43.0.1:443 -r 172.16.5.2:6444 -m -w 0', ...dns],
        more: object(['172.16.5.2']),
      }),
    },
  ],
  good: [
    { name: 'every address is served', snapshot: world({ more: object(['172.16.5.2']) }) },
    { name: 'the Service is scaled to zero', snapshot: world({ services: scaledToZero, more: object([]) }) },
    {
      name: 'nothing tells whether endpoints are ready',
      snapshot: world({ services: scaledToZero }),
      needs: ['endpointslices', 'services'],
    },
    {
      name: 'kube-proxy went on in iptables mode and left addresses behind',
      snapshot: world({ services: [], without: ['iptables-save.txt'], more: { 'edge-a/iptables-save.txt': byRules } }),
    },
    {
      name: 'the virtual services were not captured',
      snapshot: world({ without: ['ipvsadm.txt'] }),
      needs: ['ipvsadm'],
    },
    { name: 'the addresses were not captured', snapshot: world({ without: ['ip-addr.txt'] }), needs: ['ip-addr'] },
  ],
};
