/** Everything that reads Kubernetes API objects. */
import type { Format } from '../format.js';
import { kubeObjectsFormat } from './documents.js';

export const kubernetesFormats: readonly Format[] = [kubeObjectsFormat];
