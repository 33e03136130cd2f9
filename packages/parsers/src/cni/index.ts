/** Everything that configures the pod network: CNI, flannel, Docker, k3s, units and their environment. */
import type { Format } from '../format.js';
import { daemonFlagsFormat } from './daemon-flags.js';
import { environmentFormat } from './environment.js';
import { etcdctlFormat } from './etcdctl.js';
import { networkJsonFormat } from './json-files.js';
import { k3sConfigFormat } from './k3s-config.js';
import { systemdUnitFormat } from './systemd-unit.js';

export { factsOfCommandLine, settingsOfCommandLine } from './daemon-flags.js';

export const cniFormats: readonly Format[] = [
  daemonFlagsFormat,
  environmentFormat,
  etcdctlFormat,
  k3sConfigFormat,
  networkJsonFormat,
  systemdUnitFormat,
];
