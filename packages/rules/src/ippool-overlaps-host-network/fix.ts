/** The remedy: another network for the pods. Felix and the IPAM plugin act on it, so it cannot be simulated. */
import {
  type Family,
  formatPrefix,
  hostPrefix,
  type NetNs,
  type Prefix,
  parseIp,
  parsePrefix,
  prefixesOverlap,
  type Snapshot,
} from '@coldtrace/core';
import { serviceEntries } from '../facts/service-entries.js';
import { tablesNamed } from '../facts/table-rules.js';
import type { Fix } from '../finding.js';

const candidates: Readonly<Record<Family, readonly string[]>> = {
  4: ['10.244.0.0/16', '10.217.0.0/16', '172.28.0.0/16', '10.42.0.0/16', '100.64.0.0/16'],
  6: ['fd10:244::/48', 'fd10:217::/48', 'fd42:42::/48'],
};

/** A network that nothing captured uses: it has no address, route, Service or pool in common with any, the pool that is to go included. */
function freeNetwork(snapshot: Snapshot, pool: Prefix): Prefix | null {
  const { family } = pool.ip;
  const captured = snapshot.nodes
    .flatMap((node) => [node.host, ...node.namespaces])
    .flatMap((ns) => usedNetworks(ns, family));
  const taken = [pool, ...captured, ...networksOfObjects(snapshot).filter(({ ip }) => ip.family === family)];
  for (const text of candidates[family]) {
    const prefix = parsePrefix(text);
    if (prefix !== null && !taken.some((other) => prefixesOverlap(prefix, other))) return prefix;
  }
  return null;
}

function usedNetworks(ns: NetNs, family: Family): readonly Prefix[] {
  const routes = ns.routes.rows
    .filter((route) => route.family === family && route.dst.length > 0)
    .map((route) => route.dst);
  const services = tablesNamed(ns, family, 'nat').flatMap(({ table }) =>
    serviceEntries(table, family).map(({ ip }) => hostPrefix(ip)),
  );
  return [...routes, ...services];
}

function networksOfObjects({ objects }: Snapshot): readonly Prefix[] {
  return objects.flatMap((object) => {
    if (object.kind === 'IPPool') return object.cidr === null ? [] : [object.cidr];
    if (object.kind === 'Service') return object.clusterIps.map(hostPrefix);
    if (object.kind !== 'Node') return [];
    return object.addresses.flatMap(({ address }) => {
      const ip = parseIp(address);
      return ip === null ? [] : [hostPrefix(ip)];
    });
  });
}

export function poolFix(snapshot: Snapshot, pool: Prefix, poolName: string): Fix {
  const family = pool.ip.family;
  const free = freeNetwork(snapshot, pool);
  const cidr = free === null ? 'A-FREE-NETWORK' : formatPrefix(free);
  const manifest = {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'IPPool',
    metadata: { name: `pods-${family}` },
    spec: { cidr, natOutgoing: true },
  };
  return {
    steps: [
      {
        node: null,
        command: `kubectl apply -f - <<'EOF'\n${JSON.stringify(manifest, null, 2)}\nEOF`,
        disrupts: 'nothing yet: pods keep their addresses',
        undo: `kubectl delete ippools.crd.projectcalico.org pods-${family}`,
      },
      {
        node: null,
        command: `kubectl patch ippools.crd.projectcalico.org ${poolName} --type merge -p '{"spec":{"disabled":true}}'`,
        disrupts: 'nothing yet: new pods take their addresses from the new pool',
        undo: `kubectl patch ippools.crd.projectcalico.org ${poolName} --type merge -p '{"spec":{"disabled":false}}'`,
      },
      {
        node: null,
        command: 'kubectl -n NAMESPACE rollout restart deployment,statefulset,daemonset   # for each namespace',
        disrupts: 'pods restart, a few at a time, and take addresses of the new pool',
        undo: 'none needed; pods without a controller have to be made again by hand',
      },
      {
        node: null,
        command: `kubectl delete ippools.crd.projectcalico.org ${poolName}`,
        disrupts: `pods that still hold an address of ${formatPrefix(pool)} lose NAT to the outside`,
        undo: 'apply the saved IPPool object again',
      },
    ],
    persist: `The pool lives in the API and lasts. Set the same network where it was installed from (CALICO_IPV${family}POOL_CIDR, kubeadm podSubnet) and as clusterCIDR of kube-proxy, or the next installation brings the overlap back.`,
    notes:
      free === null
        ? 'Choose a network that overlaps neither host networks nor Services.'
        : `${cidr} overlaps no address, route, Service or pool in the snapshot.`,
    verified: null,
  };
}
