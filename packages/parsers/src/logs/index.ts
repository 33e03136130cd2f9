/** Everything that reads log lines. */
import type { Format } from '../format.js';
import { logFormat } from './logs.js';

export const logFormats: readonly Format[] = [logFormat];
