/** Several default routes of one metric: which one a packet of the node takes, by what is known of their gateways. As a kernel did when asked. */
import { interview, placeOf } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { nodeOf, router } from './node-text.js';

const routes = `default via 10.1.0.254 dev eth0
default via 10.2.0.254 dev eth1
${(router['ip-route.txt'] ?? '').replace(/^default.*\n/, '')}`;
const mac = 'lladdr 02:00:00:00:00:01';

it.each([
  [
    'neither is printed, as when nobody asked for them or somebody made them `nud noarp`: they may take turns',
    '',
    undefined,
  ],
  ['the first is reachable', `10.1.0.254 dev eth0 ${mac} REACHABLE`, '10.1.0.254'],
  ['the first failed, the second was never asked', '10.1.0.254 dev eth0 FAILED', '10.2.0.254'],
  [
    'the first failed, the second is there',
    `10.1.0.254 dev eth0 FAILED\n10.2.0.254 dev eth1 ${mac} REACHABLE`,
    '10.2.0.254',
  ],
  ['the first is permanent: they take turns', `10.1.0.254 dev eth0 ${mac} PERMANENT`, undefined],
  ['both failed: they take turns', '10.1.0.254 dev eth0 FAILED\n10.2.0.254 dev eth1 FAILED', undefined],
])('%s', (_sentence, neighbours, via) => {
  const node = nodeOf({
    ...router,
    'ip-route.txt': routes,
    'ip-neigh.txt': `10.1.0.9 dev eth0 ${mac} STALE\n${neighbours}\n`,
  });
  const asked = interview(placeOf(node, node.host, 'none'));
  const said: Readonly<Record<string, unknown>> = {
    ...asked('{"id":1,"kind":"routeget","family":4,"dst":"9.9.9.9"}', 1),
  };
  expect(said['via']).toBe(via);
  expect(said['outcome']).toBe(via === undefined ? 'unknown' : 'ok');
});
