/** The formats of route tables and route lookups. */

import type { Format } from '../../format.js';
import { commandPattern } from '../command.js';
import { parseRoutes } from './parse.js';
import { routeGetVerdict, routeVerdict } from './verdict.js';

export const ipRoute: Format = {
  id: 'ip-route',
  title: 'routes (ip route)',
  commands: [commandPattern('ip', 'route', 1, String.raw`(?:\s+(?!g(?:et?)?\b)|$)`)],
  fileNames: [/^ip[46]?[-_ .](?:-?[46ds][-_ ])?(?:ro|route)s?(?![-_ ]get)/i, /^routes?(?:\.|[-_]|$)/i],
  line: routeVerdict,
  parse: parseRoutes,
};

export const ipRouteGet: Format = {
  id: 'ip-route-get',
  title: 'a route lookup (ip route get)',
  commands: [commandPattern('ip', 'route', 1, String.raw`\s+g(?:et?)?\b`)],
  fileNames: [/route[-_ ]get/i],
  line: routeGetVerdict,
  parse: parseRoutes,
};
