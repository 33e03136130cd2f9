/** Everything that reads Kubernetes API objects. */
import type { Format } from '../format.js';
import { kubeDescribeFormat } from './describe.js';
import { kubeObjectsFormat } from './documents.js';
import { kubePartFormat } from './part.js';
import { kubeTableFormat } from './tables.js';

export const kubernetesFormats: readonly Format[] = [
  kubeObjectsFormat,
  kubeTableFormat,
  kubeDescribeFormat,
  kubePartFormat,
];
