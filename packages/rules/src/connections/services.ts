/** The two Services that every cluster lives on: `kubernetes` and DNS. */
import { type Family, formatIp, type Ip, type Node, type Snapshot } from '@coldtrace/core';
import { servicesOf } from '../who/services.js';

export interface StandardService {
  readonly kind: 'kubernetes' | 'dns';
  readonly name: string;
  readonly ip: Ip;
  readonly port: number;
  readonly proto: number;
}

const dnsPort = 53;
const families: readonly Family[] = [4, 6];
const kinds: readonly StandardService['kind'][] = ['kubernetes', 'dns'];

/** At most one of each kind and family. */
export function standardServices(snapshot: Snapshot): readonly StandardService[] {
  const all = [...named(snapshot), ...snapshot.nodes.flatMap(unnamed)];
  return families.flatMap((family) =>
    kinds.flatMap((kind) => all.find((one) => one.kind === kind && one.ip.family === family) ?? []),
  );
}

function named(snapshot: Snapshot): readonly StandardService[] {
  return servicesOf(snapshot).flatMap(({ fullName, kind: way, ip, port, proto }) => {
    const kind = kindOf(fullName);
    if (kind === null || way !== 'cluster' || ip === null) return [];
    if (kind === 'dns' ? proto !== 17 || port !== dnsPort : proto !== 6) return [];
    return [{ kind, name: `Service ${fullName}`, ip, port, proto }];
  });
}

function kindOf(name: string): StandardService['kind'] | null {
  if (name === 'default/kubernetes') return 'kubernetes';
  return /^kube-system\/(?:kube-dns|coredns|rke2-coredns-rke2-coredns)$/.test(name) ? 'dns' : null;
}

/** IPVS has no names: the first address of the Service network at port 443 is the API's, whoever serves UDP 53 is DNS. */
function unnamed(node: Node): readonly StandardService[] {
  return node.host.ipvs.rows.flatMap(({ key }): readonly StandardService[] => {
    if (key.kind !== 'address') return [];
    const { ip, port } = key;
    const name = `the virtual server ${formatIp(ip)}`;
    if (key.protocol === 'tcp' && port === 443 && isFirst(ip))
      return [{ kind: 'kubernetes', name, ip, port, proto: 6 }];
    return key.protocol === 'udp' && port === dnsPort ? [{ kind: 'dns', name, ip, port, proto: 17 }] : [];
  });
}

const isFirst = (ip: Ip) => ((ip.family === 4 ? ip.a : ip.d) & 0xff) === 1;
