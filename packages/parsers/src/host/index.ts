/** What a node says of itself: name, kernel, time, processes, modules, containers, reservations of addresses. */
import type { Format } from '../format.js';
import { dateFormat } from './date.js';
import { hostnameFormat } from './hostname.js';
import { unameFormat } from './uname.js';
import { uptimeFormat } from './uptime.js';

export { hostDiagnostic } from './codes.js';
export { type Instant, parseInstant } from './instant.js';

export const hostFormats: readonly Format[] = [dateFormat, hostnameFormat, unameFormat, uptimeFormat];
