/** Rules of a node: Services of all kinds as kube-proxy writes them, the masquerade of the pod network, a policy for what is forwarded. */
import { endpoint, joined, restoreLines } from '../../referee/generate/shapes/shape.js';
import type { PlacedLine } from '../case.js';
import type { ExternalAddress, Plan, PlannedNode, PlannedService } from './plan.js';

export function serviceLines(plan: Plan, node: PlannedNode): readonly PlacedLine[] {
  const { services, podNets, tool, calico } = plan;
  const ready = services.filter(({ endpoints }) => endpoints.length > 0);
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
    ${joined(ready.flatMap((one) => natRules(one, node, plan)))}
    -A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
    ${
      calico === null
        ? `-A POSTROUTING -s ${podNets} -d ${podNets} -j RETURN
    -A POSTROUTING -s ${podNets} ! -d ${podNets} -j MASQUERADE`
        : ''
    }
    *filter
    :KUBE-FORWARD
    :KUBE-SERVICES
    :KUBE-EXTERNAL-SERVICES
    :KUBE-FIREWALL
    :KUBE-PROXY-FIREWALL
    -A INPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
    -A OUTPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
    -A FORWARD -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
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
    ${joined(services.flatMap((one) => filterRules(one, node)))}`;
  return restoreLines(tool, text).map((line) => ({ ...line, at: node.name }));
}

const endpointChain = (id: string, at: number): string => `KUBE-SEP-${id}${at}`;

function chainNames({ id, endpoints }: PlannedService): readonly string[] {
  return [
    `:KUBE-SVC-${id}`,
    `:KUBE-SVL-${id}`,
    `:KUBE-EXT-${id}`,
    `:KUBE-FW-${id}`,
    ...endpoints.map((_, at) => `:${endpointChain(id, at)}`),
  ];
}

const called = (ip: string, { proto, port }: PlannedService): string =>
  `-d ${ip} -p ${proto} -m ${proto} --dport ${port}`;

const toNodePort = ({ proto, nodePort }: PlannedService): string =>
  `-p ${proto} -m addrtype --dst-type LOCAL -m ${proto} --dport ${nodePort}`;

function localEndpoints({ endpoints }: PlannedService, { pods, ip }: PlannedNode): readonly string[] {
  return endpoints.filter((one) => one === ip || pods.some((pod) => pod.ip === one));
}

function natRules(service: PlannedService, node: PlannedNode, { podNets, family }: Plan): readonly string[] {
  const { id, ip, proto, nodePort, targetPort, endpoints, localOnly, internalLocal, affinity, external } = service;
  const own = localEndpoints(service, node);
  const ends = endpoints.flatMap((pod, at) => {
    const chain = endpointChain(id, at);
    const remembered = affinity ? ` -m recent --name ${chain} --set --mask ${wholeMask(family)} --rsource` : '';
    return [
      `-A ${chain} -s ${pod} -j KUBE-MARK-MASQ`,
      `-A ${chain} -p ${proto}${remembered} -m ${proto} -j DNAT --to-destination ${endpoint(pod, targetPort)}`,
    ];
  });
  const internal = internalLocal ? 'SVL' : 'SVC';
  const inside = own.length > 0 || !internalLocal;
  const outer = external === null ? [] : externalRules(service, external);
  return [
    ...(inside ? [`-A KUBE-SERVICES ${called(ip, service)} -j KUBE-${internal}-${id}`] : []),
    ...outer,
    `-A KUBE-NODEPORTS -p ${proto} -m ${proto} --dport ${nodePort} -j KUBE-EXT-${id}`,
    ...(localOnly
      ? localOnlyRules(id, podNets, own.length > 0)
      : [`-A KUBE-EXT-${id} -j KUBE-MARK-MASQ`, `-A KUBE-EXT-${id} -j KUBE-SVC-${id}`]),
    `-A KUBE-${internal}-${id} ! -s ${podNets} ${called(ip, service)} -j KUBE-MARK-MASQ`,
    ...balanced(`KUBE-SVC-${id}`, service, endpoints, family),
    ...balanced(`KUBE-SVL-${id}`, service, own, family),
    ...ends,
  ];
}

/** Pods and the node itself may be served by all endpoints. */
function localOnlyRules(id: string, podNets: string, hasLocal: boolean): readonly string[] {
  return [
    `-A KUBE-EXT-${id} -s ${podNets} -j KUBE-SVC-${id}`,
    `-A KUBE-EXT-${id} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
    `-A KUBE-EXT-${id} -m addrtype --src-type LOCAL -j KUBE-SVC-${id}`,
    ...(hasLocal ? [`-A KUBE-EXT-${id} -j KUBE-SVL-${id}`] : []),
  ];
}

function externalRules(service: PlannedService, { ip, ranges }: ExternalAddress): readonly string[] {
  const { id } = service;
  if (ranges === null) return [`-A KUBE-SERVICES ${called(ip, service)} -j KUBE-EXT-${id}`];
  return [
    `-A KUBE-SERVICES ${called(ip, service)} -j KUBE-FW-${id}`,
    ...ranges.map((range) => `-A KUBE-FW-${id} -s ${range} -j KUBE-EXT-${id}`),
  ];
}

/** What nobody serves at all is refused; what only other nodes serve is dropped. */
function filterRules(service: PlannedService, node: PlannedNode): readonly string[] {
  const { ip, endpoints, localOnly, internalLocal, external } = service;
  const refused = endpoints.length === 0 ? 'REJECT' : localEndpoints(service, node).length === 0 ? 'DROP' : null;
  const inside = refused === 'REJECT' || internalLocal;
  const outside = refused === 'REJECT' || localOnly;
  const ranges = external?.ranges ?? null;
  return [
    ...(refused !== null && inside ? [`-A KUBE-SERVICES ${called(ip, service)} -j ${refused}`] : []),
    ...(refused !== null && outside ? [`-A KUBE-EXTERNAL-SERVICES ${toNodePort(service)} -j ${refused}`] : []),
    ...(refused !== null && outside && external !== null
      ? [`-A KUBE-EXTERNAL-SERVICES ${called(external.ip, service)} -j ${refused}`]
      : []),
    ...(external !== null && ranges !== null ? [`-A KUBE-PROXY-FIREWALL ${called(external.ip, service)} -j DROP`] : []),
  ];
}

const wholeMask = (family: 4 | 6): string =>
  family === 4 ? '255.255.255.255' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

function balanced(
  chain: string,
  { id, endpoints, affinity }: PlannedService,
  among: readonly string[],
  family: 4 | 6,
): readonly string[] {
  const chainOf = (pod: string) => endpointChain(id, endpoints.indexOf(pod));
  const known = affinity
    ? among.map(
        (pod) =>
          `-A ${chain} -m recent --name ${chainOf(pod)} --rcheck --seconds 10800 --reap --mask ${wholeMask(family)} --rsource -j ${chainOf(pod)}`,
      )
    : [];
  const drawn = among.map((pod, at) => {
    const left = among.length - at;
    const chance = left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(11)}`;
    return `-A ${chain}${chance} -j ${chainOf(pod)}`;
  });
  return [...known, ...drawn];
}
