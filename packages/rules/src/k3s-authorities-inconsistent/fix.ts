/** The order in which authorities are replaced: stop, take away, make anew, start. k3s and its agents do the rest, so it cannot be simulated. k3s: `k3s certificate`. */
import type { Node, Snapshot } from '@coldtrace/core';
import type { Authority } from '../facts/certificate-roles.js';
import { type Distribution, distributionOf } from '../facts/k3s.js';
import type { Fix, FixStep } from '../finding.js';

export interface Plan {
  /** The server that holds the authorities. */
  readonly server: Node;
  /** Authorities that have to be made anew. */
  readonly anew: readonly Authority[];
  /** Nodes whose copies have to be fetched again. */
  readonly agents: readonly Node[];
}

const files: Readonly<Record<Authority, string>> = {
  'server-ca': 'server-ca',
  'client-ca': 'client-ca',
  'request-header-ca': 'request-header-ca',
  'etcd-server-ca': 'etcd/server-ca',
  'etcd-peer-ca': 'etcd/peer-ca',
};

export function replacementFix(snapshot: Snapshot, { server, anew, agents }: Plan): Fix {
  const distribution = distributionOf(snapshot, server) ?? k3s;
  const tls = `${distribution.data}/server/tls`;
  const before = '/root/tls-before';
  const putBack = `rm -r ${tls}; cp -a ${before} ${tls}`;
  const back = `${putBack}   # while ${distribution.name} is stopped`;
  const node = server.name;
  const steps: FixStep[] = [
    {
      node,
      command: `systemctl stop ${distribution.unit}`,
      disrupts: 'the API server is away until the last step; containers go on running, nothing is scheduled',
      undo: `systemctl start ${distribution.unit}`,
    },
    { node, command: `cp -a ${tls} ${before}`, disrupts: 'nothing', undo: `rm -r ${before}` },
    {
      node,
      command: `find ${tls} ${distribution.data}/agent -maxdepth 2 -name '*.crt' ! -name '*-ca.crt' ! -name '*-ca.nochain.crt' -delete; rm -f ${tls}/dynamic-cert.json`,
      disrupts: `nothing while ${distribution.name} is stopped: it issues all of them anew when it starts`,
      undo: back,
    },
    ...(anew.length === 0 ? [] : [makeAnew(node, tls, distribution, anew, back)]),
    {
      node,
      command: `systemctl start ${distribution.unit}`,
      disrupts: 'clients with the former authorities are refused until they have the new ones',
      undo: `systemctl stop ${distribution.unit}; ${putBack}`,
    },
    ...agents.map((agent) => refetch(snapshot, agent)),
  ];
  return {
    steps,
    persist: `The files last. A server with several members keeps the authorities in its datastore as well: there they are replaced with ${distribution.name} certificate rotate-ca, or they come back.`,
    notes: `An authority of your own goes to ${tls} before the start, with CA:TRUE and its key beside it, and always with every certificate that it has to sign taken away. Where server-ca is another one afterwards, agents that join need the new node-token, and kubeconfigs outside this node a new copy of ${distribution.name}.yaml. Not simulated: ${distribution.name} issues the certificates when it starts; compare with a capture from afterwards (coldtrace diff).`,
    verified: null,
  };
}

const k3s: Distribution = {
  name: 'k3s',
  unit: 'k3s',
  config: '/etc/rancher/k3s/config.yaml',
  data: '/var/lib/rancher/k3s',
};

function makeAnew(
  node: string,
  tls: string,
  { name }: Distribution,
  anew: readonly Authority[],
  undo: string,
): FixStep {
  const lines = anew.map((kind) => {
    const path = `${tls}/${files[kind]}`;
    return [
      `openssl ecparam -name prime256v1 -genkey -noout -out ${path}.key`,
      `openssl req -x509 -new -key ${path}.key -sha256 -days 3650 -subj "/CN=${name}-${kind}@$(date +%s)" -config /dev/stdin -extensions ca -out ${path}.crt <<'EOF'`,
      '[req]',
      'distinguished_name=dn',
      '[dn]',
      '[ca]',
      'basicConstraints=critical,CA:TRUE',
      'keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign',
      'subjectKeyIdentifier=hash',
      'EOF',
    ].join('\n');
  });
  return { node, command: lines.join('\n'), disrupts: `nothing while ${name} is stopped`, undo };
}

function refetch(snapshot: Snapshot, agent: Node): FixStep {
  const { unit, data } = distributionOf(snapshot, agent) ?? { ...k3s, unit: 'k3s-agent' };
  return {
    node: agent.name,
    command: `systemctl stop ${unit}; rm -f ${data}/agent/*.crt ${data}/agent/*.kubeconfig; systemctl start ${unit}`,
    disrupts:
      'the kubelet of this node is away for some seconds; it fetches its certificates and the authorities from the server',
    undo: 'none needed: the files are fetched from the server at every start',
  };
}

/** Certificates past their date: k3s issues those that end within 90 days anew when it starts. */
export function renewalFix(snapshot: Snapshot, node: Node): Fix {
  const distribution = distributionOf(snapshot, node) ?? k3s;
  return {
    steps: [
      {
        node: node.name,
        command: `systemctl restart ${distribution.unit}`,
        disrupts: 'the API server and the kubelet of this node are away for some seconds; containers go on running',
        undo: 'none needed',
      },
    ],
    persist: `${distribution.name} renews at a start whatever ends within 90 days; restart it at least once in that time, or run ${distribution.name} certificate rotate.`,
    notes:
      'See that the clock of the node is right first (timedatectl). Not simulated: compare with a capture from afterwards (coldtrace diff).',
    verified: null,
  };
}

/** Certificates that are not valid yet: nothing is wrong with them where the clock is behind. */
export function clockFix(node: Node): Fix {
  return {
    steps: [
      {
        node: node.name,
        command: 'timedatectl set-ntp true',
        disrupts: 'time jumps: certificates, leases and logs are judged by the new one',
        undo: 'timedatectl set-ntp false',
      },
    ],
    persist: 'A time service that starts at boot keeps the clock right; nodes without a battery for it need one.',
    notes:
      'If the clock is right, the certificates were issued by a machine whose clock was ahead: issue them anew. Not simulated.',
    verified: null,
  };
}
