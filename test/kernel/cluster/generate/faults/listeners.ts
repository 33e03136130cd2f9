/** Faults of servers: not there, on an address of their own, in the way of others. */
import { say } from '../network.js';
import { podPort } from '../plan.js';
import { all, anyNode, anyPod, type Fault, later, without } from './fault.js';

const down: Fault = (scene) => {
  const pod = anyPod(scene, anyNode(scene));
  return pod === null ? null : without(({ at, tool }) => at === pod.space && tool === 'listen');
};

const loopbackOnly: Fault = (scene) => {
  const { plan } = scene;
  const pod = anyPod(scene, anyNode(scene));
  if (pod === null) return null;
  const on = plan.family === 4 ? '127.0.0.1' : '::1';
  return all(
    without(({ at, tool }) => at === pod.space && tool === 'listen'),
    later(...say(pod.space, 'listen', `tcp ${on} ${podPort}`, `udp ${on} ${podPort}`)),
  );
};

/** On a node port, where only rules were before. */
const onTheNodePort: Fault = (scene) => {
  const { plan } = scene;
  const { name } = anyNode(scene);
  const [service] = plan.services;
  return service === undefined ? null : later(...say(name, 'listen', `${service.proto} * ${service.nodePort}`));
};

export const listenerFaults: Readonly<Record<string, Fault>> = {
  'listener down': down,
  'listener on the loopback': loopbackOnly,
  'listener on a node port': onTheNodePort,
};
