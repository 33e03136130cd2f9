/** Services as kube-proxy writes them in iptables mode: marks, chains per Service and endpoint, chance between endpoints. */
import type { Prng } from '../../../../bench/prng.js';
import type { Pool } from '../pool.js';
import { endpoint, joined, restoreLines, type Shape, several, type Target } from './shape.js';

interface Service extends Target {
  readonly id: string;
  readonly nodePort: number;
  readonly endpoints: readonly string[];
  readonly localOnly: boolean;
}

export const kubeProxy: Shape = {
  name: 'kube-proxy',
  devices: ['eth0', 'cni0'],
  families: [4, 6],
  make: (pool, tool, random) => {
    const services = several(random, 2, 5, (at) => service(pool, at, random));
    const node = pool.devices[0].own[0];
    const targets = services.flatMap(({ dst, proto, port, nodePort, endpoints }) => [
      { dst, proto, port },
      { dst: node, proto, port: nodePort },
      ...endpoints.slice(0, 1).map((pod) => ({ dst: pod, proto, port: 8080 })),
    ]);
    return { lines: restoreLines(tool, text(pool, services, random)), targets };
  },
};

function service(pool: Pool, at: number, random: Prng): Service {
  const pods = (pool.devices[1] ?? pool.devices[0]).hosts;
  const endpoints = [...new Set(several(random, 0, 3, () => random.pick(pods)))];
  return {
    id: `SVC${at}ABCDEFGH`,
    dst: pool.family === 4 ? `10.96.0.${20 + at}` : `fd96::${20 + at}`,
    proto: random.pick(['tcp', 'tcp', 'udp']),
    port: random.pick([53, 80, 443]),
    nodePort: 30080 + at,
    endpoints,
    localOnly: random.chance(0.2),
  };
}

function text(pool: Pool, services: readonly Service[], random: Prng): string {
  const pods = (pool.devices[1] ?? pool.devices[0]).net;
  const fully = random.chance(0.3) ? ' --random-fully' : '';
  const ready = services.filter(({ endpoints }) => endpoints.length > 0);
  const empty = services.filter(({ endpoints }) => endpoints.length === 0);
  return `*nat
    :KUBE-SERVICES
    :KUBE-NODEPORTS
    :KUBE-POSTROUTING
    :KUBE-MARK-MASQ
    ${joined(ready.flatMap(chainNames))}
    -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
    -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
    -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
    -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
    -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
    -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
    -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE${fully}
    ${joined(ready.flatMap((one) => natRules(one, pods)))}
    -A KUBE-SERVICES -m comment --comment "must be the last rule" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
    *filter
    :KUBE-FORWARD
    :KUBE-FIREWALL
    :KUBE-SERVICES
    :KUBE-EXTERNAL-SERVICES
    -A INPUT -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES
    -A INPUT -j KUBE-FIREWALL
    -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
    -A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES
    -A OUTPUT -m conntrack --ctstate NEW -j KUBE-SERVICES
    -A OUTPUT -j KUBE-FIREWALL
    -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
    -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
    -A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    ${pool.family === 4 ? '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP' : ''}
    ${joined(empty.map(({ dst, proto, port }) => `-A KUBE-SERVICES -d ${dst} -p ${proto} -m ${proto} --dport ${port} -j REJECT`))}
    ${joined(empty.map(({ proto, nodePort }) => `-A KUBE-EXTERNAL-SERVICES -p ${proto} -m addrtype --dst-type LOCAL -m ${proto} --dport ${nodePort} -j REJECT`))}`;
}

const endpointChain = (id: string, at: number): string => `KUBE-SEP-${id}${at}`;

function chainNames({ id, endpoints }: Service): readonly string[] {
  return [`:KUBE-SVC-${id}`, `:KUBE-EXT-${id}`, ...endpoints.map((_, at) => `:${endpointChain(id, at)}`)];
}

function natRules({ id, dst, proto, port, nodePort, endpoints, localOnly }: Service, pods: string): readonly string[] {
  const balanced = endpoints.map((_, at) => {
    const left = endpoints.length - at;
    const chance = left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(11)}`;
    return `-A KUBE-SVC-${id}${chance} -j ${endpointChain(id, at)}`;
  });
  const ends = endpoints.flatMap((pod, at) => [
    `-A ${endpointChain(id, at)} -s ${pod} -j KUBE-MARK-MASQ`,
    `-A ${endpointChain(id, at)} -p ${proto} -m ${proto} -j DNAT --to-destination ${endpoint(pod, 8080)}`,
  ]);
  return [
    `-A KUBE-SERVICES -d ${dst} -p ${proto} -m ${proto} --dport ${port} -j KUBE-SVC-${id}`,
    `-A KUBE-NODEPORTS -p ${proto} -m ${proto} --dport ${nodePort} -j KUBE-EXT-${id}`,
    ...(localOnly ? [`-A KUBE-EXT-${id} -s ${pods} -j KUBE-SVC-${id}`] : [`-A KUBE-EXT-${id} -j KUBE-MARK-MASQ`]),
    `-A KUBE-EXT-${id} -j KUBE-SVC-${id}`,
    `-A KUBE-SVC-${id} ! -s ${pods} -d ${dst} -p ${proto} -m ${proto} --dport ${port} -j KUBE-MARK-MASQ`,
    ...balanced,
    ...ends,
  ];
}
