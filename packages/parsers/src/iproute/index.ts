/** Every output of ip(8) and bridge(8) that is read. */
import type { Format } from '../format.js';
import { ipAddr, ipLink } from './link/format.js';
import { ipNeigh } from './neigh/parse.js';
import { ipRoute, ipRouteGet } from './route/format.js';
import { ipRule } from './rule/parse.js';

export const iprouteFormats: readonly Format[] = [ipAddr, ipLink, ipRoute, ipRouteGet, ipRule, ipNeigh];
