/** Every output of ip(8) and bridge(8) that is read. */
import type { Format } from '../format.js';
import { bridgeFdb } from './bridge/fdb.js';
import { bridgeLink } from './bridge/link.js';
import { bridgeVlan } from './bridge/vlan.js';
import { iprouteJson } from './json/format.js';
import { ipAddr, ipLink } from './link/format.js';
import { ipNeigh } from './neigh/parse.js';
import { ipAddrlabel } from './other/addrlabel.js';
import { ipMaddr } from './other/maddr.js';
import { ipNetconf } from './other/netconf.js';
import { ipNetns } from './other/netns.js';
import { ipNexthop } from './other/nexthop.js';
import { plainIprouteFormats } from './other/plain.js';
import { ipRoute, ipRouteGet } from './route/format.js';
import { ipRule } from './rule/parse.js';

export const iprouteFormats: readonly Format[] = [
  iprouteJson,
  ipAddr,
  ipLink,
  ipRoute,
  ipRouteGet,
  ipRule,
  ipNeigh,
  ipNexthop,
  ipAddrlabel,
  ipNetconf,
  ipNetns,
  ipMaddr,
  bridgeFdb,
  bridgeLink,
  bridgeVlan,
  ...plainIprouteFormats,
];

export { printRoute, printRoutes } from './route/print.js';
export { printRule, printRules } from './rule/print.js';
