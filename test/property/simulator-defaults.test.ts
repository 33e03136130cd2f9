/** Several default routes: which one a packet of the node takes, by what is known of their gateways. As a kernel did when asked. */
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

const gateways = { eth0: '10.1.0.254', eth1: '10.2.0.254' };
const others = routes.split('\n').slice(2).join('\n');

/** Both gateways are only thought to be there, so routes that fit take turns. */
it.each([
  [
    'a route of the TOS and one of none fit, whatever their metrics',
    16,
    [' tos 0x10', ''],
    ['', ' metric 5'],
    undefined,
  ],
  ['the same where the one of the TOS has the greater metric', 16, [' tos 0x10', ' metric 9'], ['', ''], undefined],
  ['a packet of another TOS leaves the one of none', 0, [' tos 0x10', ''], ['', ' metric 5'], gateways.eth1],
  ['of one TOS the lesser metric', 16, [' tos 0x10', ''], [' tos 0x10', ' metric 3'], gateways.eth0],
  ['of no TOS the lesser metric', 0, ['', ''], ['', ' metric 3'], gateways.eth0],
] as const)('%s', (_sentence, tos, [tos0, metric0], [tos1, metric1], via) => {
  const node = nodeOf({
    ...router,
    'ip-route.txt': `default${tos0} via ${gateways.eth0} dev eth0${metric0}\ndefault${tos1} via ${gateways.eth1} dev eth1${metric1}\n${others}`,
    'ip-neigh.txt': `${gateways.eth0} dev eth0 ${mac} PERMANENT\n${gateways.eth1} dev eth1 ${mac} PERMANENT\n`,
  });
  const asked = interview(placeOf(node, node.host, 'none'));
  const said = asked(JSON.stringify({ id: 1, kind: 'routeget', family: 4, dst: '9.9.9.9', tos }), 1);
  expect(said).toMatchObject(via === undefined ? { outcome: 'unknown' } : { outcome: 'ok', via });
});
