/** Worlds that show the fault, and worlds that look like it. */
import { base, world } from '../ipvs-source-is-service-address/cases.world.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

export const cases: BuiltinCases = {
  bad: [
    { name: 'the address is on no device', snapshot: world({ bound: base.bound.slice(1) }) },
    { name: 'the route of table local was deleted', snapshot: world({ local: base.bound.slice(1) }) },
    { name: 'all addresses are gone', snapshot: world({ bound: ['10.43.9.9'] }) },
  ],
  good: [
    { name: 'every address is local', snapshot: world({}) },
    {
      name: 'a service stands on an address of the node',
      snapshot: world({
        services: [
          ...base.services,
          '-A -t 172.16.5.1:30080 -s rr',
          '-a -t 172.16.5.1:30080 -r 172.16.5.2:6444 -m -w 1',
        ],
      }),
    },
    {
      name: 'the routes were not captured and the addresses tell enough',
      snapshot: world({ without: ['ip-route.txt'] }),
    },
    {
      name: 'the addresses were not captured',
      snapshot: world({ bound: [], local: ['10.43.0.1'], without: ['ip-addr.txt'] }),
      needs: ['ip-addr'],
    },
    {
      name: 'the virtual services were not captured',
      snapshot: world({ without: ['ipvsadm.txt'] }),
      needs: ['ipvsadm'],
    },
  ],
};
