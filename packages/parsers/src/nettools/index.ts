/** Outputs of net-tools, bridge-utils and ethtool. */
import type { Format } from '../format.js';
import { arpFormat } from './arp.js';
import { brctlFormat } from './brctl.js';
import { brctlListingsFormat } from './brctl-listings.js';
import { ethtoolFormat } from './ethtool.js';
import { ifconfigFormat } from './ifconfig.js';
import { nettoolsRouteFormat } from './route.js';

export const nettoolsFormats: readonly Format[] = [
  arpFormat,
  brctlFormat,
  brctlListingsFormat,
  ethtoolFormat,
  ifconfigFormat,
  nettoolsRouteFormat,
];
