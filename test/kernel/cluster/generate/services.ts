/** Rules of a node: Services as kube-proxy writes them, the masquerade of the pod network, a policy for what is forwarded. */
import { endpoint, joined, restoreLines } from '../../referee/generate/shapes/shape.js';
import type { PlacedLine } from '../case.js';
import type { Plan, PlannedNode, PlannedService } from './plan.js';

export function serviceLines(plan: Plan, node: PlannedNode): readonly PlacedLine[] {
  const { services, podNets, tool } = plan;
  const ready = services.filter(({ endpoints }) => endpoints.length > 0);
  const empty = services.filter(({ endpoints }) => endpoints.length === 0);
  const text = `*nat
    :KUBE-SERVICES
    :KUBE-NODEPORTS
    :KUBE-POSTROUTING
    :KUBE-MARK-MASQ
    ${joined(ready.flatMap(chainNames))}
    -A PREROUTING -j KUBE-SERVICES
    -A OUTPUT -j KUBE-SERVICES
    -A POSTROUTING -j KUBE-POSTROUTING
    -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
    -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
    -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
    -A KUBE-POSTROUTING -j MASQUERADE
    ${joined(ready.flatMap((one) => natRules(one, node, podNets)))}
    -A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
    -A POSTROUTING -s ${podNets} -d ${podNets} -j RETURN
    -A POSTROUTING -s ${podNets} ! -d ${podNets} -j MASQUERADE
    *filter
    :KUBE-FORWARD
    :KUBE-SERVICES
    :KUBE-EXTERNAL-SERVICES
    :KUBE-FIREWALL
    -A INPUT -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES
    -A INPUT -j KUBE-FIREWALL
    -A OUTPUT -j KUBE-FIREWALL
    -A FORWARD -j KUBE-FORWARD
    -A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES
    -A FORWARD -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES
    -A OUTPUT -m conntrack --ctstate NEW -j KUBE-SERVICES
    -A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP
    -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
    -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
    -A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    ${joined(empty.map(({ ip, proto, port }) => `-A KUBE-SERVICES -d ${ip} -p ${proto} -m ${proto} --dport ${port} -j REJECT`))}
    ${joined(empty.map(({ proto, nodePort }) => `-A KUBE-EXTERNAL-SERVICES -p ${proto} -m addrtype --dst-type LOCAL -m ${proto} --dport ${nodePort} -j REJECT`))}`;
  return restoreLines(tool, text).map((line) => ({ ...line, at: node.name }));
}

const endpointChain = (id: string, at: number): string => `KUBE-SEP-${id}${at}`;

function chainNames({ id, endpoints }: PlannedService): readonly string[] {
  return [
    `:KUBE-SVC-${id}`,
    `:KUBE-SVL-${id}`,
    `:KUBE-EXT-${id}`,
    ...endpoints.map((_, at) => `:${endpointChain(id, at)}`),
  ];
}

function natRules(service: PlannedService, node: PlannedNode, podNets: string): readonly string[] {
  const { id, ip, proto, port, nodePort, targetPort, endpoints, localOnly } = service;
  const own = endpoints.filter((one) => node.pods.some((pod) => pod.ip === one));
  const ends = endpoints.flatMap((pod, at) => [
    `-A ${endpointChain(id, at)} -s ${pod} -j KUBE-MARK-MASQ`,
    `-A ${endpointChain(id, at)} -p ${proto} -m ${proto} -j DNAT --to-destination ${endpoint(pod, targetPort)}`,
  ]);
  const local =
    own.length === 0
      ? [`-A KUBE-SVL-${id} -j MARK --set-xmark 0x8000/0x8000`]
      : balanced(`KUBE-SVL-${id}`, service, own);
  return [
    `-A KUBE-SERVICES -d ${ip} -p ${proto} -m ${proto} --dport ${port} -j KUBE-SVC-${id}`,
    `-A KUBE-NODEPORTS -p ${proto} -m ${proto} --dport ${nodePort} -j KUBE-EXT-${id}`,
    ...(localOnly
      ? [`-A KUBE-EXT-${id} -s ${podNets} -j KUBE-SVC-${id}`, `-A KUBE-EXT-${id} -j KUBE-SVL-${id}`]
      : [`-A KUBE-EXT-${id} -j KUBE-MARK-MASQ`, `-A KUBE-EXT-${id} -j KUBE-SVC-${id}`]),
    `-A KUBE-SVC-${id} ! -s ${podNets} -d ${ip} -p ${proto} -m ${proto} --dport ${port} -j KUBE-MARK-MASQ`,
    ...balanced(`KUBE-SVC-${id}`, service, endpoints),
    ...local,
    ...ends,
  ];
}

function balanced(chain: string, { id, endpoints }: PlannedService, among: readonly string[]): readonly string[] {
  return among.map((pod, at) => {
    const left = among.length - at;
    const chance = left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(11)}`;
    return `-A ${chain}${chance} -j ${endpointChain(id, endpoints.indexOf(pod))}`;
  });
}
