/** Every spelling in which kernel parameters are captured. */
import type { Format } from '../format.js';
import { procSysFormat } from './proc-sys.js';
import { sysctlFormat } from './sysctl.js';
import { sysctlJsonFormat } from './sysctl-json.js';

export { canonicalKey, dottedKey } from './key.js';
export { printSysctl } from './print.js';

export const sysctlFormats: readonly Format[] = [procSysFormat, sysctlFormat, sysctlJsonFormat];
