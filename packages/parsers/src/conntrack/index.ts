/** Tracked connections. */
import type { Format } from '../format.js';
import { conntrackFormat } from './conntrack.js';

export const conntrackFormats: readonly Format[] = [conntrackFormat];
