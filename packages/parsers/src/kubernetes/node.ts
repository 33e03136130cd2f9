/** Node objects (Kubernetes API v1 Node): pod CIDRs, addresses, readiness. */
import { type KubeNode, type Prefix, parsePrefix, type YamlValue } from '@coldtrace/core';
import { field, itemsOf, textAtPath, textOf } from '../yaml/access.js';
import { readMeta } from './meta.js';

export function readNode(object: YamlValue): KubeNode {
  const listed = itemsOf(field(object, 'spec', 'podCIDRs')).map(textOf);
  const cidrs = listed.length > 0 ? listed : [textAtPath(object, 'spec', 'podCIDR')];
  const condition = itemsOf(field(object, 'status', 'conditions')).find((one) => textAtPath(one, 'type') === 'Ready');
  const status = condition === undefined ? null : textAtPath(condition, 'status');
  return {
    kind: 'Node',
    meta: readMeta(object),
    podCidrs: cidrs
      .map((text) => (text === null ? null : parsePrefix(text)))
      .filter((one): one is Prefix => one !== null),
    addresses: itemsOf(field(object, 'status', 'addresses')).flatMap((one) => {
      const type = textAtPath(one, 'type');
      const address = textAtPath(one, 'address');
      return type === null || address === null ? [] : [{ type, address }];
    }),
    ready: status === null ? null : status === 'True',
    kubeletVersion: textAtPath(object, 'status', 'nodeInfo', 'kubeletVersion'),
    span: object.span,
  };
}
