/** Rows of `kubectl get` and `calicoctl get` tables as API objects; what a table does not show stays null. */
import {
  type Ip,
  type KubeEndpoint,
  type KubeEndpoints,
  type KubeObject,
  type ObjectMeta,
  type Prefix,
  parseIp,
  parsePort,
  parsePrefix,
  type Row,
  type ServicePort,
} from '@coldtrace/core';
import { namedMeta } from './meta.js';

type Cells = ReadonlyMap<string, string>;
export type RowReader = (cells: Cells, row: Row, meta: ObjectMeta) => KubeObject;

/** A cell's text; kubectl's words for nothing are null. */
function cell(cells: Cells, name: string): string | null {
  const text = cells.get(name);
  return text === undefined || text === '' || /^<(?:none|unset|unknown|pending|nil)>$/.test(text) ? null : text;
}

/** `kubectl get svc,ep` and `get all` put the kind before each name: `service/web`, `deployment.apps/web`; `--show-labels` adds labels. */
export function metaOf(cells: Cells, namespace: string | null = null): ObjectMeta {
  const name = cells.get('NAME') ?? '';
  const labels = cell(cells, 'LABELS');
  const meta = namedMeta(name.slice(name.indexOf('/') + 1), cell(cells, 'NAMESPACE') ?? namespace);
  return labels === null ? meta : { ...meta, labels: pairsOf(labels) };
}

const readNodeRow: RowReader = (cells, row, meta) => {
  const status = cell(cells, 'STATUS');
  const addresses = (['INTERNAL-IP', 'EXTERNAL-IP'] as const).flatMap((name) => {
    const address = cell(cells, name);
    return address === null ? [] : [{ type: name === 'INTERNAL-IP' ? 'InternalIP' : 'ExternalIP', address }];
  });
  return {
    kind: 'Node',
    meta,
    podCidrs: networksOf(cell(cells, 'POD-CIDR') ?? ''),
    addresses,
    ready: status === null ? null : status.split(',').includes('Ready'),
    kubeletVersion: cell(cells, 'VERSION'),
    ...row,
  };
};

const readPodRow: RowReader = (cells, row, meta) => {
  const ip = parseIp(cell(cells, 'IP') ?? '');
  const [up, all] = (cell(cells, 'READY') ?? '').split('/');
  return {
    kind: 'Pod',
    meta,
    nodeName: cell(cells, 'NODE'),
    ips: ip === null ? [] : [ip],
    hostNetwork: null,
    phase: cell(cells, 'STATUS'),
    ready: all === undefined ? null : up === all && all !== '0',
    containerIds: [],
    ...row,
  };
};

const readServiceRow: RowReader = (cells, row, meta) => ({
  kind: 'Service',
  meta,
  type: cell(cells, 'TYPE') ?? 'ClusterIP',
  clusterIps: addressesOf(cell(cells, 'CLUSTER-IP') ?? cell(cells, 'CLUSTER_IP')),
  externalIps: addressesOf(cell(cells, 'EXTERNAL-IP') ?? cell(cells, 'EXTERNAL_IP')),
  ports: portsOf(cell(cells, 'PORT(S)')),
  selector: selectorOf(cells),
  externalTrafficPolicy: null,
  internalTrafficPolicy: null,
  sessionAffinity: null,
  ...row,
});

/** One, several with commas, `[a b]` as Go prints a list, or a JSON list. */
export function networksOf(text: string): readonly Prefix[] {
  return text
    .split(/[\s,"[\]]+/)
    .map((one) => parsePrefix(one))
    .filter((one): one is Prefix => one !== null);
}

function addressesOf(text: string | null): readonly Ip[] {
  return (text ?? '')
    .split(',')
    .map((one) => parseIp(one.trim()))
    .filter((one): one is Ip => one !== null);
}

/** `443/TCP,80:30080/TCP` */
function portsOf(text: string | null): readonly ServicePort[] {
  return (text ?? '').split(',').flatMap((one) => {
    const match = /^\s?(\d{1,5})(?::(\d{1,5}))?\/([A-Z]{3,8})$/.exec(one);
    const port = parsePort(match?.[1] ?? '');
    if (match === null || port === null) return [];
    return [{ name: null, protocol: match[3] ?? 'TCP', port, targetPort: null, nodePort: parsePort(match[2] ?? '') }];
  });
}

/** Only `-o wide` shows it: an empty record says that it is not told, null that there is none. */
function selectorOf(cells: Cells): Readonly<Record<string, string>> | null {
  if (!cells.has('SELECTOR')) return {};
  const text = cell(cells, 'SELECTOR');
  return text === null ? null : pairsOf(text);
}

export function pairsOf(text: string): Readonly<Record<string, string>> {
  const record: Record<string, string> = Object.create(null);
  for (const pair of text.split(',')) {
    const equals = pair.indexOf('=');
    if (equals > 0) record[pair.slice(0, equals).trim()] = pair.slice(equals + 1).trim();
  }
  return record;
}

const more = /\s?\+\s?(\d+)\s?more\.{0,3}$/;

/** How many endpoints a cell leaves out. */
export function leftOut(text: string): number {
  return Number(more.exec(text)?.[1] ?? 0);
}

/** `10.0.0.1:6443,[fd00::1]:6443 + 2 more...`, one subset per port. */
export function subsetsOf(text: string | null): KubeEndpoints['subsets'] {
  const byPort = new Map<number, KubeEndpoint[]>();
  for (const one of (text ?? '').replace(more, '').split(',')) {
    const colon = one.lastIndexOf(':');
    const host = one
      .slice(0, Math.max(colon, 0))
      .trim()
      .replace(/^\[|\]$/g, '');
    const ip = parseIp(host);
    const port = parsePort(one.slice(colon + 1).trim());
    if (ip === null || port === null) continue;
    const list = byPort.get(port) ?? [];
    list.push({ ip, ready: true, nodeName: null, target: null });
    byPort.set(port, list);
  }
  return [...byPort].map(([port, endpoints]) => ({ endpoints, ports: [{ name: null, protocol: null, port }] }));
}

const readEndpointsRow: RowReader = (cells, row, meta) => {
  const text = cell(cells, 'ENDPOINTS');
  const truncated = leftOut(text ?? '') > 0;
  return { kind: 'Endpoints', meta, service: meta.name, subsets: subsetsOf(text), truncated, ...row };
};

/** Five letters that the apiserver adds to a name: no vowels and no digits that look like them (apimachinery util/rand). */
const randomLetters = /-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

/** Whether the Service of a row of EndpointSlices is only read off its name: the label that says it is not in the table. */
export function isServiceGuessed(headings: readonly string[], meta: ObjectMeta): boolean {
  return headings.includes('ADDRESSTYPE') && meta.labels[serviceLabel] === undefined;
}

const serviceLabel = 'kubernetes.io/service-name';

/** A slice that the control plane made is called as its Service with random letters after it; that of the apiserver has none. */
const readSliceRow: RowReader = (cells, row, meta) => {
  const text = cell(cells, 'ENDPOINTS') ?? '';
  const endpoints = addressesOf(text.replace(more, '')).map((ip) => ({
    ip,
    ready: true,
    nodeName: null,
    target: null,
  }));
  const ports = (cell(cells, 'PORTS') ?? '')
    .split(',')
    .map((one) => parsePort(one.trim()))
    .filter((one) => one !== null);
  return {
    kind: 'Endpoints',
    addressType: cell(cells, 'ADDRESSTYPE') ?? 'IPv4',
    meta,
    service: meta.labels[serviceLabel] ?? meta.name.replace(randomLetters, ''),
    subsets: [{ endpoints, ports: ports.map((port) => ({ name: null, protocol: null, port })) }],
    truncated: leftOut(text) > 0,
    ...row,
  };
};

const readPoolRow: RowReader = (cells, row, meta) => {
  const nat = cell(cells, 'NAT');
  return {
    kind: 'IPPool',
    meta,
    cidr: parsePrefix(cell(cells, 'CIDR') ?? ''),
    ipipMode: cell(cells, 'IPIPMODE') ?? cell(cells, 'IPIP'),
    vxlanMode: cell(cells, 'VXLANMODE'),
    natOutgoing: nat === null ? null : nat === 'true',
    disabled: cell(cells, 'DISABLED') === 'true',
    ...row,
  };
};

const byHeadings: readonly (readonly [readonly string[], RowReader])[] = [
  [['CLUSTER-IP'], readServiceRow],
  [['ADDRESSTYPE', 'ENDPOINTS'], readSliceRow],
  [['ENDPOINTS'], readEndpointsRow],
  [['READY', 'STATUS', 'RESTARTS'], readPodRow],
  [['STATUS', 'ROLES', 'VERSION'], readNodeRow],
  [['STATUS', 'INTERNAL-IP'], readNodeRow],
  [['STATUS', 'AGE', 'VERSION'], readNodeRow],
  [['is Node'], readNodeRow],
  [['is Pod', 'NODE'], readPodRow],
  [['is Pod', 'IP'], readPodRow],
  [['CLUSTER_IP'], readServiceRow],
  [['CIDR', 'NAT'], readPoolRow],
  [['CIDR', 'SELECTOR'], readPoolRow],
];

/** The reader of rows under these headings; null for tables of other kinds, or of a kind that only the names tell. */
export function rowReader(headings: readonly string[]): RowReader | null {
  return byHeadings.find(([wanted]) => wanted.every((name) => headings.includes(name)))?.[1] ?? null;
}
