/** Sockets. */
import type { Format } from '../format.js';
import { lsofFormat } from './lsof.js';
import { netstatFormat } from './netstat.js';
import { ssFormat } from './ss.js';

export const socketFormats: readonly Format[] = [lsofFormat, netstatFormat, ssFormat];
