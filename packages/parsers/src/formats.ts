/** Every format that is read, by folder, sorted; within a folder its own index decides the order. */
import { certificateFormats } from './certificates/index.js';
import { cniFormats } from './cni/index.js';
import { conntrackFormats } from './conntrack/index.js';
import { foreignFormats } from './foreign/index.js';
import type { Format } from './format.js';
import { hostFormats } from './host/index.js';
import { iprouteFormats } from './iproute/index.js';
import { ipsetFormats } from './ipset/index.js';
import { iptablesFormats } from './iptables/index.js';
import { ipvsFormats } from './ipvs/index.js';
import { kubeConfigFormats } from './kube-config/index.js';
import { kubernetesFormats } from './kubernetes/index.js';
import { logFormats } from './logs/index.js';
import { nettoolsFormats } from './nettools/index.js';
import { observationFormats } from './observations/index.js';
import { procfsFormats } from './procfs/index.js';
import { socketFormats } from './sockets/index.js';
import { sysctlFormats } from './sysctl/index.js';

/** What `inspect` can name: docs/formats.md lists them. */
export const formats: readonly Format[] = [
  ...certificateFormats,
  ...cniFormats,
  ...conntrackFormats,
  ...foreignFormats,
  ...hostFormats,
  ...iprouteFormats,
  ...ipsetFormats,
  ...iptablesFormats,
  ...ipvsFormats,
  ...kubeConfigFormats,
  ...kubernetesFormats,
  ...logFormats,
  ...nettoolsFormats,
  ...observationFormats,
  ...procfsFormats,
  ...socketFormats,
  ...sysctlFormats,
];
