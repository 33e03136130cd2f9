/** Files of /proc/net. The connection table and the neighbours are read by `conntrack` and `arp`. */
import type { Format } from '../format.js';
import { procFibTrieFormat } from './fib-trie.js';
import { ifInet6Format } from './if-inet6.js';
import { procIpv6RouteFormat } from './ipv6-route.js';
import { procQueuesFormat } from './queues.js';
import { procRecentFormat } from './recent.js';
import { procRouteFormat } from './route.js';
import { procSocketsFormat } from './sockets.js';
import { procStatisticsFormats } from './statistics.js';

export const procfsFormats: readonly Format[] = [
  procFibTrieFormat,
  ifInet6Format,
  procIpv6RouteFormat,
  procQueuesFormat,
  procRecentFormat,
  procRouteFormat,
  procSocketsFormat,
  ...procStatisticsFormats,
];
