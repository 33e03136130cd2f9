/** The iptables dialects, sorted by name. */
import type { Format } from '../format.js';
import { iptablesList } from './listing/list.js';
import { iptablesRules } from './rules.js';
import { iptablesSave } from './save.js';

export const iptablesFormats: readonly Format[] = [iptablesList, iptablesRules, iptablesSave];
