/** Endpoints (API v1) and EndpointSlice (discovery.k8s.io/v1) objects, read into one shape. */
import { type KubeEndpoint, type KubeEndpoints, parseIp, type YamlValue } from '@coldtrace/core';
import { boolAtPath, field, itemsOf, numberAtPath, textAtPath, textOf } from '../yaml/access.js';
import { readMeta } from './meta.js';

export function readEndpoints(object: YamlValue): KubeEndpoints {
  const meta = readMeta(object);
  const subsets = itemsOf(field(object, 'subsets')).map((subset) => ({
    endpoints: [
      ...itemsOf(field(subset, 'addresses')).flatMap((one) => endpoint(one, textAtPath(one, 'ip'), true)),
      ...itemsOf(field(subset, 'notReadyAddresses')).flatMap((one) => endpoint(one, textAtPath(one, 'ip'), false)),
    ],
    ports: readPorts(subset),
  }));
  return { kind: 'Endpoints', meta, service: meta.name, subsets, truncated: false, span: object.span };
}

export function readEndpointSlice(object: YamlValue): KubeEndpoints {
  const meta = readMeta(object);
  const endpoints = itemsOf(field(object, 'endpoints')).flatMap((one) => {
    // The API documents an absent condition as ready.
    const ready = boolAtPath(one, 'conditions', 'ready') ?? true;
    return itemsOf(field(one, 'addresses')).flatMap((address) => endpoint(one, textOf(address), ready));
  });
  return {
    kind: 'Endpoints',
    addressType: textAtPath(object, 'addressType') ?? 'IPv4',
    meta,
    service: meta.labels['kubernetes.io/service-name'] ?? ownerOf(object) ?? meta.name,
    subsets: [{ endpoints, ports: readPorts(object) }],
    truncated: false,
    span: object.span,
  };
}

function ownerOf(object: YamlValue): string | null {
  const owners = itemsOf(field(object, 'metadata', 'ownerReferences'));
  const owner = owners.find((one) => textAtPath(one, 'kind') === 'Service');
  return owner === undefined ? null : textAtPath(owner, 'name');
}

function endpoint(value: YamlValue, address: string | null, ready: boolean): readonly KubeEndpoint[] {
  const ip = address === null ? null : parseIp(address);
  if (ip === null) return [];
  return [{ ip, ready, nodeName: textAtPath(value, 'nodeName'), target: textAtPath(value, 'targetRef', 'name') }];
}

function readPorts(value: YamlValue): KubeEndpoints['subsets'][number]['ports'] {
  return itemsOf(field(value, 'ports')).map((one) => ({
    name: textAtPath(one, 'name'),
    protocol: textAtPath(one, 'protocol') ?? 'TCP',
    port: numberAtPath(one, 'port'),
  }));
}
