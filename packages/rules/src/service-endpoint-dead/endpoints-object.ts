/** Endpoints and EndpointSlices as the API takes them (core/v1, discovery.k8s.io/v1), without the dead one. */
import { formatIp, type KubeEndpoint, type KubeEndpoints, sameIp } from '@coldtrace/core';
import type { BalancedEndpoint } from './balanced.js';

type Gone = Pick<BalancedEndpoint, 'ip'>;

export function lists({ subsets }: KubeEndpoints, { ip }: Gone): boolean {
  return subsets.some(({ endpoints }) => endpoints.some((one) => sameIp(one.ip, ip)));
}

/** `tabular`: the object was read from a table, which shows neither the protocols nor the names of ports. */
export function bodyWithout(object: KubeEndpoints, gone: Gone, tabular: boolean) {
  return object.addressType === undefined
    ? endpointsBody(object, gone, tabular)
    : sliceBody(object, object.addressType, gone, tabular);
}

function endpointsBody({ meta, subsets }: KubeEndpoints, gone: Gone, tabular: boolean) {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: meta.name, namespace: meta.namespace ?? 'default' },
    subsets: subsets.map(({ endpoints, ports }) => {
      const left = others(endpoints, gone);
      const listed = (ready: boolean) =>
        left.filter((one) => one.ready === ready).map(({ ip }) => ({ ip: formatIp(ip) }));
      const unready = listed(false);
      return {
        addresses: listed(true),
        ...(unready.length === 0 ? {} : { notReadyAddresses: unready }),
        ports: portsBody(ports, tabular),
      };
    }),
  };
}

function sliceBody({ meta, service, subsets }: KubeEndpoints, addressType: string, gone: Gone, tabular: boolean) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: meta.name,
      namespace: meta.namespace ?? 'default',
      labels: { ...meta.labels, 'kubernetes.io/service-name': service },
    },
    addressType,
    endpoints: subsets.flatMap(({ endpoints }) =>
      others(endpoints, gone).map(({ ip, ready, nodeName }) => ({
        addresses: [formatIp(ip)],
        conditions: { ready },
        ...(nodeName === null ? {} : { nodeName }),
      })),
    ),
    ports: subsets.flatMap(({ ports }) => portsBody(ports, tabular)),
  };
}

function others(endpoints: readonly KubeEndpoint[], { ip }: Gone): readonly KubeEndpoint[] {
  return endpoints.filter((one) => !sameIp(one.ip, ip));
}

function portsBody(ports: KubeEndpoints['subsets'][number]['ports'], tabular: boolean) {
  return ports.map(({ name, port, protocol }) => ({
    ...(tabular ? { name: 'https' } : name === null ? {} : { name }),
    ...(port === null ? {} : { port }),
    protocol: protocol ?? 'TCP',
  }));
}
