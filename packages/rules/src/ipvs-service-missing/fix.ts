/** The remedy: the virtual service and its servers as kube-proxy would add them. */
import { type Ip, type Node, proto, type Snapshot } from '@coldtrace/core';
import { apiNameOf } from '../facts/api-nodes.js';
import { type AddressService, addressServices, endpointText, serviceDevice } from '../facts/ipvs-services.js';
import type { ReadyEndpoint } from '../facts/service-objects.js';
import type { Fix, FixStep } from '../finding.js';
import type { Demand, Server } from './demand.js';

const flags: Readonly<Record<number, string>> = {
  [proto.tcp]: '-t',
  [proto.udp]: '-u',
  [proto.sctp]: '--sctp-service',
};

/** An address with what clients expect there. */
export interface Unserved {
  readonly ip: Ip;
  readonly demands: readonly Demand[];
  /** It stands on kube-ipvs0. */
  readonly bound: boolean;
}

/** Beyond so many, nobody types them: kube-proxy does it at once. */
const mostSteps = 40;

export function serviceFix(snapshot: Snapshot, node: Node, unserved: readonly Unserved[]): Fix {
  const restart = restartCommand(apiNameOf(snapshot, node));
  const known = unserved.every(({ demands }) => demands.length > 0 && demands.every(({ servers }) => servers !== null));
  const steps = known
    ? unserved.flatMap(({ ip, demands, bound }) => [
        ...(bound ? [] : [bindStep(node, ip)]),
        ...demands.flatMap((demand) => addSteps(node, ip, demand)),
      ])
    : [];
  return fixOf(node, steps.length > 0 && steps.length <= mostSteps ? steps : [restartStep(restart)], restart);
}

export function serversFix(
  snapshot: Snapshot,
  node: Node,
  service: AddressService,
  endpoints: readonly ReadyEndpoint[],
): Fix {
  const at = `${flags[service.proto] ?? '-t'} ${endpointText(service.ip, service.port)}`;
  const steps = endpoints.map((endpoint): FixStep => {
    const server = service.row.servers.find((row) => isSame(row, endpoint));
    const words = `${at} -r ${endpointText(endpoint.ip, endpoint.port)} -m`;
    return {
      node: node.name,
      command: server === undefined ? `ipvsadm -a ${words} -w 1` : `ipvsadm -e ${words} -w 1`,
      disrupts: 'nothing: new connections go to the server',
      undo:
        server === undefined
          ? `ipvsadm -d ${at} -r ${endpointText(endpoint.ip, endpoint.port)}`
          : `ipvsadm -e ${words} -w ${server.weight}`,
    };
  });
  return fixOf(node, steps, restartCommand(apiNameOf(snapshot, node)));
}

function isSame(server: Server, endpoint: Server): boolean {
  return endpointText(server.ip, server.port) === endpointText(endpoint.ip, endpoint.port);
}

function fixOf(node: Node, steps: readonly FixStep[], restart: string): Fix {
  return {
    steps,
    persist: `kube-proxy keeps IPVS as the API says: restart its pod on ${node.name} (${restart}), or it stays behind again. What is added by hand is gone at the next boot.`,
    notes:
      'Read the log of kube-proxy on the node: it says why it did not follow (no connection to the API server, a module or ipset command that failed).',
    verified: null,
  };
}

function restartCommand(name: string): string {
  return `kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName=${name}`;
}

function restartStep(command: string): FixStep {
  return {
    node: null,
    command,
    disrupts: 'established connections go on; new ones wait for the second that kube-proxy needs',
    undo: 'none needed',
  };
}

function bindStep(node: Node, ip: Ip): FixStep {
  const address = `${endpointText(ip, 0).replace(/^\[|\]?:0$/g, '')}/${ip.family === 6 ? 128 : 32} dev ${serviceDevice}`;
  return {
    node: node.name,
    command: `ip addr add ${address}`,
    disrupts: 'nothing: nobody served the address on this node',
    undo: `ip addr del ${address}`,
  };
}

function addSteps(node: Node, ip: Ip, { port, proto: protocol, servers }: Demand): readonly FixStep[] {
  const at = `${flags[protocol] ?? '-t'} ${endpointText(ip, port)}`;
  return [
    {
      node: node.name,
      command: `ipvsadm -A ${at} -s ${schedulerOf(node)}`,
      disrupts: 'nothing: the address was not served before',
      undo: `ipvsadm -D ${at}`,
    },
    ...(servers ?? []).map((server) => ({
      node: node.name,
      command: `ipvsadm -a ${at} -r ${endpointText(server.ip, server.port)} -m -w 1`,
      disrupts: 'nothing: new connections go to the server',
      undo: `ipvsadm -d ${at} -r ${endpointText(server.ip, server.port)}`,
    })),
  ];
}

/** The one that the node's other services have; kube-proxy gives all the same. */
function schedulerOf({ host }: Node): string {
  return addressServices(host)[0]?.row.scheduler ?? 'rr';
}
