/** Everything that configures kube-proxy and kubelet. */
import type { Format } from '../format.js';
import { componentConfigFormat, componentFlagsFormat } from './formats.js';

export { configDiagnostics } from './diagnostics.js';
export { configOfCommandLine } from './flags.js';
export { configOfLogLine } from './log-claim.js';
export { withVariables } from './variables.js';

export const kubeConfigFormats: readonly Format[] = [componentConfigFormat, componentFlagsFormat];
