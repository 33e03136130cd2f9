/** Service objects (Kubernetes API v1 Service). */
import { type Ip, type KubeService, parseIp, type ServicePort, sameIp, type YamlValue } from '@coldtrace/core';
import { entriesOf, field, itemsOf, numberAtPath, recordOf, textAtPath, textOf } from '../yaml/access.js';
import { readMeta } from './meta.js';

export function readService(object: YamlValue): KubeService {
  const spec = field(object, 'spec');
  const selector = field(spec, 'selector');
  return {
    kind: 'Service',
    meta: readMeta(object),
    type: textAtPath(spec, 'type') ?? 'ClusterIP',
    clusterIps: addresses([textAtPath(spec, 'clusterIP'), ...itemsOf(field(spec, 'clusterIPs')).map(textOf)]),
    externalIps: addresses([
      ...itemsOf(field(spec, 'externalIPs')).map(textOf),
      ...itemsOf(field(object, 'status', 'loadBalancer', 'ingress')).map((one) => textAtPath(one, 'ip')),
    ]),
    ports: itemsOf(field(spec, 'ports'))
      .map(readPort)
      .filter((one) => one !== null),
    selector: entriesOf(selector).length === 0 ? null : recordOf(selector),
    externalTrafficPolicy: textAtPath(spec, 'externalTrafficPolicy'),
    internalTrafficPolicy: textAtPath(spec, 'internalTrafficPolicy'),
    sessionAffinity: textAtPath(spec, 'sessionAffinity'),
    span: object.span,
  };
}

function readPort(value: YamlValue): ServicePort | null {
  const port = numberAtPath(value, 'port');
  if (port === null) return null;
  return {
    name: textAtPath(value, 'name'),
    protocol: textAtPath(value, 'protocol') ?? 'TCP',
    port,
    targetPort: textAtPath(value, 'targetPort'),
    nodePort: numberAtPath(value, 'nodePort'),
  };
}

/** The addresses among the texts, each once; `None` and empty texts are no addresses. */
function addresses(texts: readonly (string | null)[]): readonly Ip[] {
  const found: Ip[] = [];
  for (const text of texts) {
    const ip = text === null ? null : parseIp(text);
    if (ip !== null && !found.some((known) => sameIp(known, ip))) found.push(ip);
  }
  return found;
}
