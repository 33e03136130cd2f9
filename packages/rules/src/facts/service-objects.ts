/** What the API says of Services: their addresses and ports, and which endpoints are behind each. */
import {
  type Evidence,
  formatIp,
  type Ip,
  type KubeEndpoints,
  type KubeService,
  type ServicePort,
  type Snapshot,
} from '@coldtrace/core';
import { partOf } from './part-of.js';

/** One address and port of a Service. */
export interface ServiceAddress {
  /** `default/kubernetes` */
  readonly name: string;
  readonly ip: Ip;
  readonly proto: number;
  readonly port: ServicePort;
  readonly service: KubeService;
}

const protocols: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

/** The cluster addresses of all Services, one entry per port. */
export function clusterAddresses(snapshot: Pick<Snapshot, 'objects'>): readonly ServiceAddress[] {
  return snapshot.objects.flatMap((object) =>
    object.kind !== 'Service'
      ? []
      : object.clusterIps.flatMap((ip) =>
          object.ports.flatMap((port) => {
            const proto = protocols[port.protocol.toUpperCase()];
            const name = `${object.meta.namespace ?? 'default'}/${object.meta.name}`;
            return proto === undefined ? [] : [{ name, ip, proto, port, service: object }];
          }),
        ),
  );
}

export interface ReadyEndpoint {
  readonly ip: Ip;
  readonly port: number;
  readonly evidence: Evidence;
}

/** Endpoints of one port that take connections; null: the API's word on them is not here, or only in part. */
export function readyEndpoints(
  snapshot: Pick<Snapshot, 'objects' | 'files'>,
  { service, port, ip: { family } }: ServiceAddress,
): readonly ReadyEndpoint[] | null {
  const objects = decisive(endpointsOf(snapshot, service.meta));
  if (objects.length === 0 || objects.some(({ truncated }) => truncated)) return null;
  return objects.flatMap((object) =>
    object.subsets.flatMap(({ endpoints, ports }) =>
      portsFor(port, ports).flatMap((target) =>
        endpoints
          .filter(({ ready, ip }) => ready && ip.family === family)
          .map(({ ip }) => ({ ip, port: target, evidence: endpointEvidence(snapshot, object, ip) })),
      ),
    ),
  );
}

/** Of Endpoints and EndpointSlices of one Service kube-proxy reads the slices (since 1.19), where they are here in full. */
export function decisive(objects: readonly KubeEndpoints[]): readonly KubeEndpoints[] {
  const slices = objects.filter(({ addressType }) => addressType !== undefined);
  const others = objects.filter((one) => !slices.includes(one));
  if (slices.length === 0 || others.length === 0) return objects;
  return slices.some(({ truncated }) => truncated) ? others : slices;
}

type EndpointPorts = KubeEndpoints['subsets'][number]['ports'];

/** By name; tables show no names, and then the port is known by its number or because there is only one. */
function portsFor(port: ServicePort, ports: EndpointPorts): readonly number[] {
  const fitting = ports.filter(({ protocol }) => (protocol ?? port.protocol) === port.protocol);
  const named = fitting.filter(({ name }) => name === port.name);
  const unnamed = fitting.filter(({ name }) => name === null || port.name === null);
  const numbered = unnamed.filter((target) => String(target.port) === port.targetPort);
  const chosen = named.length > 0 ? named : numbered.length > 0 ? numbered : unnamed.length === 1 ? unnamed : [];
  return chosen.flatMap((target) => target.port ?? []);
}

export function endpointsOf(
  snapshot: Pick<Snapshot, 'objects'>,
  { name, namespace }: Pick<KubeService['meta'], 'name' | 'namespace'>,
): readonly KubeEndpoints[] {
  return snapshot.objects.filter(
    (object): object is KubeEndpoints =>
      object.kind === 'Endpoints' &&
      object.service === name &&
      (object.meta.namespace ?? 'default') === (namespace ?? 'default'),
  );
}

export function endpointEvidence(snapshot: Pick<Snapshot, 'files'>, object: KubeEndpoints, ip: Ip): Evidence {
  return { span: partOf(snapshot, object.span, formatIp(ip)), why: `endpoint of Service ${object.service}` };
}

const indexes = new WeakMap<Snapshot['objects'], ReadonlyMap<string, ServiceAddress>>();

const keyOf = (ip: Ip, port: number, proto: number) => `${formatIp(ip)} ${port} ${proto}`;

/** The Service that an address and port belong to. */
export function serviceAt(
  snapshot: Pick<Snapshot, 'objects'>,
  ip: Ip,
  port: number,
  proto: number,
): ServiceAddress | undefined {
  let index = indexes.get(snapshot.objects);
  if (index === undefined) {
    index = new Map(clusterAddresses(snapshot).map((one) => [keyOf(one.ip, one.port.port, one.proto), one]));
    indexes.set(snapshot.objects, index);
  }
  return index.get(keyOf(ip, port, proto));
}
