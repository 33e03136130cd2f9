/** A node with host-local reservations, and what runs on it; for tests only. */
import { parseSnapshot } from '@coldtrace/parsers';

/** Container ids that differ from their first digit on. */
export const idOf = (number: number) => (number + 1).toString(16).padStart(4, '0').repeat(16).slice(0, 64);

export interface PodNetwork {
  /** Last parts of the reserved addresses. */
  readonly reserved: readonly number[];
  readonly running: readonly number[];
  readonly base?: string;
  readonly length?: number;
  readonly network?: string;
  /** Where what runs is told. */
  readonly told?: 'crictl-pods' | 'docker' | 'crictl-ps' | 'api' | 'nowhere';
  readonly log?: string;
  readonly subnet?: boolean;
}

export function nodeWith(given: PodNetwork) {
  const {
    reserved,
    running,
    base = '10.9.7',
    length = 24,
    network = 'cbr0',
    told = 'crictl-pods',
    log,
    subnet = true,
  } = given;
  const files = reserved
    .map((part) => `==> /var/lib/cni/networks/${network}/${base}.${part} <==\n${idOf(part)}\neth0\n`)
    .join('\n');
  return parseSnapshot({
    'edge-4/hostname': 'edge-4\n',
    'edge-4/cni-networks.txt': `${files}\n==> /var/lib/cni/networks/${network}/last_reserved_ip.0 <==\n${base}.9\n==> /var/lib/cni/networks/${network}/lock <==\n`,
    ...(subnet
      ? {
          'edge-4/subnet.env': `FLANNEL_NETWORK=10.9.0.0/16\nFLANNEL_SUBNET=${base}.1/${length}\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n`,
        }
      : {}),
    ...runningFiles(told, running, base),
    ...(log === undefined ? {} : { 'edge-4/kubelet.log': log }),
  });
}

function runningFiles(told: PodNetwork['told'], running: readonly number[], base: string): Record<string, string> {
  const rows = (line: (part: number) => string) => running.map(line).join('');
  switch (told) {
    case 'docker':
      return {
        'edge-4/docker-ps.txt': `CONTAINER ID   IMAGE                  COMMAND    CREATED       STATUS       PORTS     NAMES\n${rows((part) => `${idOf(part).slice(0, 12)}   k8s.gcr.io/pause:3.1   "/pause"   2 hours ago   Up 2 hours             k8s_POD_web-${part}_default_0a1b2c3d-0000-0000-0000-00000000000${part % 10}_0\n`)}`,
      };
    case 'crictl-ps':
      return {
        'edge-4/crictl-ps.txt': `CONTAINER           IMAGE               CREATED             STATE               NAME                ATTEMPT             POD ID              POD\n${rows((part) => `f${idOf(part).slice(0, 12)}       3d1a8c9f6b8f5       2 hours ago         Running             web                 0                   ${idOf(part).slice(0, 13)}       web-${part}\n`)}`,
      };
    case 'api':
      return {
        'kubernetes/pods.yaml': `apiVersion: v1\nkind: List\nitems:\n${rows((part) => `- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: web-${part}\n    namespace: default\n  spec:\n    nodeName: edge-4\n  status:\n    phase: Running\n    podIP: ${base}.${part}\n`)}`,
      };
    case 'nowhere':
      return {};
    default:
      return {
        'edge-4/crictl-pods.txt': `POD ID              CREATED             STATE               NAME                NAMESPACE           ATTEMPT             RUNTIME\n${rows((part) => `${idOf(part).slice(0, 13)}       2 hours ago         Ready               web-${part}               default             0                   (default)\n`)}`,
      };
  }
}

export const upTo = (last: number) => Array.from({ length: last - 1 }, (_, index) => index + 2);

/** A node with a plugin's own file instead of flannel's lease; each pod has an address of every base. */
export function nodeOfPlugin(given: {
  readonly ipam: Readonly<Record<string, unknown>>;
  readonly bases: readonly string[];
  readonly reserved: readonly number[];
  readonly running: readonly number[];
}) {
  const { ipam, bases, reserved, running } = given;
  const files = bases.flatMap((base) =>
    reserved.map((part) => `==> /var/lib/cni/networks/lan/${base}${part} <==\n${idOf(part)}\neth0\n`),
  );
  const items = running.map((part) => ({
    id: idOf(part),
    metadata: { name: `web-${part}`, uid: '0a', namespace: 'default', attempt: 0 },
    state: 'SANDBOX_READY',
    runtimeHandler: '',
  }));
  return parseSnapshot({
    'edge-7/hostname': 'edge-7\n',
    'edge-7/cni-networks.txt': files.join('\n'),
    'edge-7/etc/cni/net.d/20-lan.conf': JSON.stringify({
      cniVersion: '0.4.0',
      name: 'lan',
      type: 'bridge',
      ipam: { type: 'host-local', ...ipam },
    }),
    'edge-7/crictl-pods.json': JSON.stringify({ items }, null, 2),
  });
}
