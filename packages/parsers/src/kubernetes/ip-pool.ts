/** Calico's IPPool, as a custom resource (crd.projectcalico.org/v1, projectcalico.org/v3) and as calicoctl v1 prints it. */
import { type KubeIpPool, parsePrefix, type YamlValue } from '@coldtrace/core';
import { boolAtPath, field, textAtPath } from '../yaml/access.js';
import { readMeta } from './meta.js';

export function readIpPool(object: YamlValue): KubeIpPool {
  const spec = field(object, 'spec');
  const cidr = textAtPath(spec, 'cidr') ?? textAtPath(object, 'metadata', 'cidr');
  const ipip = boolAtPath(spec, 'ipip', 'enabled');
  return {
    kind: 'IPPool',
    meta: readMeta(object),
    cidr: cidr === null ? null : parsePrefix(cidr),
    ipipMode: textAtPath(spec, 'ipipMode') ?? (ipip === null ? null : ipip ? 'Always' : 'Never'),
    vxlanMode: textAtPath(spec, 'vxlanMode'),
    natOutgoing: boolAtPath(spec, 'natOutgoing') ?? boolAtPath(spec, 'nat-outgoing'),
    disabled: boolAtPath(spec, 'disabled') ?? false,
    span: object.span,
  };
}
