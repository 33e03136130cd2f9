/** Pod objects (Kubernetes API v1 Pod): where they run, their addresses and container ids. */
import { type Ip, type KubePod, parseIp, sameIp, type YamlValue } from '@coldtrace/core';
import { boolAtPath, field, itemsOf, textAtPath } from '../yaml/access.js';
import { readMeta } from './meta.js';

export function readPod(object: YamlValue): KubePod {
  const status = field(object, 'status');
  const texts = [textAtPath(status, 'podIP'), ...itemsOf(field(status, 'podIPs')).map((one) => textAtPath(one, 'ip'))];
  const ips: Ip[] = [];
  for (const text of texts) {
    const ip = text === null ? null : parseIp(text);
    if (ip !== null && !ips.some((known) => sameIp(known, ip))) ips.push(ip);
  }
  const condition = itemsOf(field(status, 'conditions')).find((one) => textAtPath(one, 'type') === 'Ready');
  const ready = condition === undefined ? null : textAtPath(condition, 'status');
  return {
    kind: 'Pod',
    meta: readMeta(object),
    nodeName: textAtPath(object, 'spec', 'nodeName'),
    ips,
    hostNetwork: boolAtPath(object, 'spec', 'hostNetwork') ?? false,
    phase: textAtPath(status, 'phase'),
    ready: ready === null ? null : ready === 'True',
    containerIds: ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'].flatMap((list) =>
      itemsOf(field(status, list)).flatMap((one) => containerId(textAtPath(one, 'containerID'))),
    ),
    span: object.span,
  };
}

/** `containerd://<id>` without the runtime's name. */
function containerId(text: string | null): readonly string[] {
  if (text === null || text === '') return [];
  const cut = text.indexOf('://');
  return [cut < 0 ? text : text.slice(cut + 3)];
}
