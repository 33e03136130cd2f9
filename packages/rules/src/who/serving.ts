/** Which nodes serve a Service whose external traffic stays on the node that it came to: those with an endpoint. Kubernetes: externalTrafficPolicy: Local. */
import { type Ip, type KubeService, type Node, type Snapshot, sameIp } from '@coldtrace/core';
import { isOn } from '../facts/api-nodes.js';
import { endpointsOf } from '../facts/service-objects.js';

const localOnly = (snapshot: Snapshot): readonly KubeService[] =>
  snapshot.objects.filter((one): one is KubeService => one.kind === 'Service' && one.externalTrafficPolicy === 'Local');

/** Empty where any node serves it, or that is not known. */
export function servingNodes(snapshot: Snapshot, fullName: string): readonly Node[] {
  return localOnly(snapshot)
    .filter(({ meta }) => fullName === (meta.namespace === null ? meta.name : `${meta.namespace}/${meta.name}`))
    .flatMap((service) => nodesWithEndpoints(snapshot, service));
}

/** A balancer checks the health of the nodes, and passes an external address on to those that serve it. */
export function balancedNodes(snapshot: Snapshot, ip: Ip): readonly Node[] {
  return localOnly(snapshot)
    .filter(({ externalIps }) => externalIps.some((one) => sameIp(one, ip)))
    .flatMap((service) => nodesWithEndpoints(snapshot, service));
}

function nodesWithEndpoints(snapshot: Snapshot, { meta }: KubeService): readonly Node[] {
  const names = new Set(
    endpointsOf(snapshot, meta).flatMap(({ subsets }) =>
      subsets.flatMap(({ endpoints }) => endpoints.filter(({ ready }) => ready).map(({ nodeName }) => nodeName)),
    ),
  );
  return snapshot.nodes.filter((node) => [...names].some((name) => isOn(snapshot, node, name)));
}
