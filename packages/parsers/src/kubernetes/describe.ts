/** `kubectl describe node|pod|service|endpoints`: the fields that diagnoses read (k8s.io/kubectl/pkg/describe). */
import {
  type Facts,
  type Ip,
  type KubeObject,
  MODELLED,
  parseIp,
  parsePort,
  parsePrefix,
  type Row,
  type ServicePort,
} from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { closeReading, openReading, takeFailure } from '../text/reading.js';
import { type Description, described, describedBelow, descriptionsOf } from './description.js';
import { partsLeft } from './part.js';
import { leftOut, pairsOf, subsetsOf } from './rows.js';

export const kubeDescribeFormat: Format = {
  id: 'kube-describe',
  title: 'kubectl describe',
  commands: [/^(?:\S*\/)?(?:k3s\s+|microk8s\s+)?(?:kubectl|oc)\s.*\bdescribe\s/],
  fileNames: [/describe/],
  line: (text) => {
    if (text.length > 400) return null;
    // Up to 1.5 tabs stood behind the names of fields.
    if (/^Name:(?: {2,}|\t[ \t]*)[a-z0-9][a-z0-9.-]*\s{0,4}$/.test(text)) return 'opens';
    return /^(?:Namespace|Labels|Annotations|Selector|Roles|Addresses|PodCIDRs?|Session Affinity|TargetPort|Endpoints|IP|IPs|Subsets|NodePort|Port):[ \t]/.test(
      text,
    ) || /^(?:Addresses|Subsets|Conditions|Events):(?:\s|$)/.test(text)
      ? 'continues'
      : null;
  },
  parse: parseDescriptions,
};

function parseDescriptions(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: KubeObject[] = [];
  for (const description of descriptionsOf(reading.lines)) {
    const read = objectsOf(description, {
      span: { file: section.file.id, start: description.start, end: description.end },
    });
    rows.push(...read);
    if (read.length > 0)
      for (const line of description.lines) if (line.text.trim() !== '') reading.ledger[line.index] = MODELLED;
  }
  if (rows.length === 0) rows.push(...partsLeft(reading));
  for (const line of reading.lines) if (reading.ledger[line.index] === 0) takeFailure(reading, line);
  return closeReading(reading, [{ kind: 'kube-objects', rows, complete: false }]);
}

function objectsOf(one: Description, row: Row): readonly KubeObject[] {
  const has = (key: string) => one.fields.some((field) => field.key === key);
  if (has('Subsets')) return [endpointsOf(one, row)];
  if (has('Session Affinity') || (has('Selector') && has('Type') && has('IP'))) return serviceOf(one, row);
  if (has('Node') && has('Containers')) return [podOf(one, row)];
  if (has('Addresses') || has('PodCIDR')) return [nodeOf(one, row)];
  return [];
}

function metaOf(one: Description) {
  return {
    name: described(one, 'Name') ?? '',
    namespace: described(one, 'Namespace'),
    labels: pairsUnder(one, 'Labels', '='),
    annotations: pairsUnder(one, 'Annotations', ': '),
  };
}

/** Labels are one `key=value` a line, annotations one `key: value`; the first stands on the field's own line. */
function pairsUnder(one: Description, key: string, separator: string): Readonly<Record<string, string>> {
  const record: Record<string, string> = Object.create(null);
  const field = one.fields.find((each) => each.key === key);
  for (const text of field === undefined ? [] : [field.value, ...field.below.map((line) => line.text.trim())]) {
    const cut = text.indexOf(separator);
    if (cut > 0) record[text.slice(0, cut)] = text.slice(cut + separator.length).trim();
  }
  return record;
}

function nodeOf(one: Description, row: Row): KubeObject {
  const addresses = one.fields.find((field) => field.key === 'Addresses')?.below ?? [];
  const conditions = one.fields.find((field) => field.key === 'Conditions')?.below ?? [];
  const ready = conditions.map((line) => line.text.trim().split(/\s+/)).find(([type]) => type === 'Ready');
  const cidrs = (described(one, 'PodCIDRs') ?? described(one, 'PodCIDR') ?? '').split(',');
  return {
    kind: 'Node',
    meta: metaOf(one),
    podCidrs: cidrs.map((text) => parsePrefix(text.trim())).filter((prefix) => prefix !== null),
    addresses: addresses.flatMap((line) => {
      const match = /^\s+(\w+):\s+(\S+)/.exec(line.text.slice(0, 400));
      return match?.[1] === undefined || match[2] === undefined ? [] : [{ type: match[1], address: match[2] }];
    }),
    ready: ready === undefined ? null : ready[1] === 'True',
    kubeletVersion: describedBelow(one, 'System Info', 'Kubelet Version'),
    ...row,
  };
}

function podOf(one: Description, row: Row): KubeObject {
  const node = described(one, 'Node')?.split('/')[0] ?? null;
  const listed =
    one.fields.find((field) => field.key === 'IPs')?.below.map((line) => line.text.trim().replace(/^IP:\s*/, '')) ?? [];
  const ips: readonly Ip[] = [...new Set([described(one, 'IP') ?? '', ...listed])]
    .map((text) => parseIp(text))
    .filter((ip) => ip !== null);
  const conditions = one.fields.find((field) => field.key === 'Conditions')?.below ?? [];
  const ready = conditions.map((line) => line.text.trim().split(/\s+/)).find(([type]) => type === 'Ready');
  const containers = one.fields.find((field) => field.key === 'Containers')?.below ?? [];
  return {
    kind: 'Pod',
    meta: metaOf(one),
    nodeName: node,
    ips,
    hostNetwork: null,
    phase: described(one, 'Status'),
    ready: ready === undefined ? null : ready[1] === 'True',
    containerIds: containers.flatMap(
      (line) => /^\s+Container ID:\s+\w+:\/\/(\w+)/.exec(line.text.slice(0, 400))?.[1] ?? [],
    ),
    ...row,
  };
}

/** The Service, and the endpoints that its description lists. */
function serviceOf(one: Description, row: Row): readonly KubeObject[] {
  const meta = metaOf(one);
  const selector = described(one, 'Selector');
  const ips = [described(one, 'IP') ?? '', ...(described(one, 'IPs') ?? '').split(',')];
  const listed = one.fields.filter((field) => field.key === 'Endpoints').map((field) => field.value);
  const service: KubeObject = {
    kind: 'Service',
    meta,
    type: described(one, 'Type') ?? 'ClusterIP',
    clusterIps: [...new Set(ips.map((text) => text.trim()))].map((text) => parseIp(text)).filter((ip) => ip !== null),
    externalIps: (described(one, 'External IPs') ?? '')
      .split(',')
      .map((text) => parseIp(text.trim()))
      .filter((ip) => ip !== null),
    ports: portsOf(one),
    selector: selector === null ? null : pairsOf(selector),
    externalTrafficPolicy: described(one, 'External Traffic Policy'),
    internalTrafficPolicy: described(one, 'Internal Traffic Policy'),
    sessionAffinity: described(one, 'Session Affinity'),
    ...row,
  };
  if (listed.length === 0) return [service];
  const truncated = listed.some((text) => leftOut(text) > 0);
  return [
    service,
    {
      kind: 'Endpoints',
      meta,
      service: meta.name,
      subsets: listed.flatMap((text) => subsetsOf(text)),
      truncated,
      ...row,
    },
  ];
}

/** `Port:  https  443/TCP` followed by its `TargetPort:` and `NodePort:`. */
function portsOf(one: Description): readonly ServicePort[] {
  const ports: {
    name: string | null;
    protocol: string;
    port: number;
    targetPort: string | null;
    nodePort: number | null;
  }[] = [];
  for (const { key, value } of one.fields) {
    const words = value.split(/\s+/);
    const [number, protocol] = (words.at(-1) ?? '').split('/');
    if (key === 'Port') {
      const port = parsePort(number ?? '');
      const name = words.length > 1 && words[0] !== '<unset>' ? (words[0] ?? null) : null;
      if (port !== null) ports.push({ name, protocol: protocol ?? 'TCP', port, targetPort: null, nodePort: null });
      continue;
    }
    const last = ports.at(-1);
    if (last !== undefined && key === 'TargetPort') last.targetPort = number ?? null;
    if (last !== undefined && key === 'NodePort') last.nodePort = parsePort(number ?? '');
  }
  return ports;
}

function endpointsOf(one: Description, row: Row): KubeObject {
  const meta = metaOf(one);
  const below = one.fields.find((field) => field.key === 'Subsets')?.below ?? [];
  const subsets: {
    endpoints: { ip: Ip; ready: boolean; nodeName: null; target: null }[];
    ports: { name: string | null; protocol: string; port: number | null }[];
  }[] = [];
  for (const line of below) {
    const match = /^\s+(Addresses|NotReadyAddresses):\s+(.*)$/.exec(line.text.slice(0, 100_000));
    if (match?.[1] === 'Addresses') subsets.push({ endpoints: [], ports: [] });
    const last = subsets.at(-1);
    if (last === undefined) continue;
    if (match !== null) {
      const ready = match[1] === 'Addresses';
      for (const text of (match[2] ?? '').split(',')) {
        const ip = parseIp(text.trim());
        if (ip !== null) last.endpoints.push({ ip, ready, nodeName: null, target: null });
      }
      continue;
    }
    const port = /^\s+(\S+)\s+(\d{1,5})\s+([A-Z]{3,4})\s*$/.exec(line.text.slice(0, 400));
    const name = port?.[1];
    if (name !== undefined)
      last.ports.push({
        name: name === '<unset>' ? null : name,
        protocol: port?.[3] ?? 'TCP',
        port: parsePort(port?.[2] ?? ''),
      });
  }
  return { kind: 'Endpoints', meta, service: meta.name, subsets, truncated: false, ...row };
}
