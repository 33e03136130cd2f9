/** IPVS. */
import type { Format } from '../format.js';
import { ipvsFormat } from './ipvs.js';

export { printIpvsSave } from './print.js';

export const ipvsFormats: readonly Format[] = [ipvsFormat];
