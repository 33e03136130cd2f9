/** The shapes, sorted. */
import { calico } from './calico.js';
import { flannel, istio, portmap } from './container-network.js';
import { docker } from './docker.js';
import { firewalld, ufw } from './firewalls.js';
import { kubeProxy } from './kube-proxy.js';
import type { Shape } from './shape.js';

export const shapes: readonly [Shape, ...Shape[]] = [
  calico,
  docker,
  firewalld,
  flannel,
  istio,
  kubeProxy,
  portmap,
  ufw,
];
