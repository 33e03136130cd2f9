/** The formats of IP set dumps, and the printer of one of them. */
import type { Format } from '../format.js';
import { ipsetList } from './list.js';
import { ipsetSave } from './save.js';
import { ipsetXml } from './xml.js';

export { printElement, printIpsetSave, printMember } from './print.js';
export const ipsetFormats: readonly Format[] = [ipsetList, ipsetSave, ipsetXml];
