/** kube-proxy of a node still sends Service kubernetes where the API lists no API server any more. Other Services are left out: their endpoints change between two dumps. */
import {
  type Evidence,
  type Family,
  formatFraction,
  formatIp,
  fraction,
  type KubeEndpoints,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { endpointText } from '../facts/ipvs-services.js';
import { decisive } from '../facts/service-objects.js';
import type { Fix } from '../finding.js';
import type { Balanced, BalancedEndpoint } from './balanced.js';
import type { Context } from './rule.js';

const apiServers = 'default/kubernetes';

export function checkUnlisted(cx: Context, services: readonly Balanced[], isDead: (one: BalancedEndpoint) => boolean) {
  const lists = apiLists(cx.snapshot);
  for (const service of services) {
    if (service.name !== apiServers || service.node === null) continue;
    for (const endpoint of service.endpoints) {
      // A slice is of one family.
      const [first, ...others] = lists.filter((list) => isOf(list, endpoint.ip.family));
      if (first === undefined || isDead(endpoint) || [first, ...others].some((list) => holds(list, endpoint))) continue;
      report(cx, service, endpoint, first);
    }
  }
}

/** All lists, if they are whole. */
function apiLists({ objects }: Snapshot): readonly KubeEndpoints[] {
  const all = objects.filter(
    (one): one is KubeEndpoints =>
      one.kind === 'Endpoints' && one.service === 'kubernetes' && (one.meta.namespace ?? 'default') === 'default',
  );
  const lists = decisive(all);
  return lists.some(({ truncated }) => truncated) ? [] : lists;
}

function isOf({ subsets }: KubeEndpoints, family: Family): boolean {
  return subsets.some(({ endpoints }) => endpoints.some(({ ip }) => ip.family === family));
}

function holds({ subsets }: KubeEndpoints, { ip }: BalancedEndpoint): boolean {
  return subsets.some(({ endpoints }) => endpoints.some((one) => sameIp(one.ip, ip)));
}

function report(cx: Context, service: Balanced, endpoint: BalancedEndpoint, list: KubeEndpoints): void {
  const { node, ip, port } = service;
  if (node === null) return;
  const address = ip === null ? apiServers : `${apiServers} (${endpointText(ip, port)})`;
  const count = new Set(service.endpoints.map((one) => `${formatIp(one.ip)} ${one.port}`)).size;
  const evidence: readonly Evidence[] = [
    endpoint.evidence,
    { span: list.span, why: 'all API servers that the API lists' },
  ];
  cx.report('unlisted', {
    severity: 'warning',
    certainty: 'possible',
    node: node.name,
    subject: `${ip === null ? apiServers : endpointText(ip, port)} ${endpointText(endpoint.ip, endpoint.port)}`,
    data: {
      service: address,
      endpoint: endpointText(endpoint.ip, endpoint.port),
      client: node.name,
      share: count === 1 ? 'every connection' : `${formatFraction(fraction(1, count))} of its connections`,
    },
    evidence,
    assumptions: [
      `no API server is at ${endpointText(endpoint.ip, endpoint.port)} any more, and both dumps are of one time (curl -k https://${endpointText(endpoint.ip, endpoint.port)}/healthz tells)`,
    ],
    fix: proxyFix(node.name),
  });
}

function proxyFix(node: string): Fix {
  return {
    steps: [
      {
        node: null,
        command: `kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName=${node}`,
        disrupts: 'nothing: the rules stay while kube-proxy starts again and reads the API anew',
        undo: 'none needed: the daemonset makes the pod again',
      },
    ],
    persist:
      'kube-proxy keeps its rules up to date as long as it reaches an API server: point its kubeconfig at a load balancer or at a name, and not at one API server that may go.',
    notes:
      'Where kube-proxy is a service: systemctl restart kube-proxy on the node. If it reaches the API by the Service itself, put the address of a living API server into its kubeconfig first.',
    verified: null,
  };
}
