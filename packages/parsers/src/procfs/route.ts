/** /proc/net/route: the main table of IPv4 without broadcasts, one way of each route (net/ipv4/fib_trie.c, fib_route_seq_show). */
import { type Facts, formatIp, maskLength, type Route } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { hiddenIn, type RouteRow, readRow4 } from '../nettools/route-row.js';
import { lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { procfsDiagnostic } from './codes.js';
import { type ByteOrder, hexNumber, ip4Of } from './hex.js';
import { isWholeFile, procNet } from './whole.js';

const heading = /^Iface\s+Destination\s+Gateway\s+Flags\s+RefCnt\s+Use\s+Metric\s+Mask\s+MTU\s+Window\s+IRTT\s*$/;
const row =
  /^(\S{1,15})\s+([0-9A-F]{8})\s+([0-9A-F]{8})\s+([0-9A-F]{4})\s+-?\d+\s+-?\d+\s+(\d+)\s+([0-9A-F]{8})\s+\d+\s+\d+\s+\d+\s*$/;

export const procRouteFormat: Format = {
  id: 'proc-net-route',
  title: 'routes, as /proc/net/route shows them',
  ...procNet('route'),
  fileNames: [],
  line: (text) => (text.length < 300 && (heading.test(text) || row.test(text)) ? 'opens' : null),
  parse,
};

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const found = reading.lines.flatMap((line) => {
    const words = line.text.length < 300 ? row.exec(line.text) : null;
    return words === null ? [] : [{ line, words }];
  });
  const order = orderOf(found.map(({ words }) => words[6] ?? ''));
  const rows: Route[] = [];
  let titled = found.length > 0;
  let read = 0;
  for (const line of reading.lines) {
    if (heading.test(line.text)) {
      titled = true;
      claim(reading, line, 'inert');
    } else if (found[read]?.line === line) {
      const shown = rowOf(found[read++]?.words ?? null, order ?? 'little');
      if (shown === null) continue;
      const span = lineSpan(section, line);
      reading.diagnostics.push(...hiddenIn(shown, span));
      if (!shown.hidesGateway) rows.push({ span, ...(order === null ? { trust: 'repaired' } : {}), ...shown.route });
      claim(reading, line, shown.hidesGateway ? 'opaque' : 'conditional');
    } else takeFailure(reading, line);
  }
  const [first] = rows;
  if (order === null && first !== undefined) reading.diagnostics.push(procfsDiagnostic('byte-order', first.span));
  const complete = isWholeFile(section) && rows.length === found.length;
  const facts: Facts = { kind: 'routes', rows, covers: [{ family: 4, tables: ['main'] }], complete };
  return closeReading(reading, titled ? [facts] : []);
}

/** The byte order in which every mask is one; null when the masks are masks in either. */
function orderOf(masks: readonly string[]): ByteOrder | null {
  const fits = (order: ByteOrder) =>
    masks.every((mask) => {
      const ip = ip4Of(mask, order);
      return ip !== null && maskLength(ip) !== null;
    });
  const little = fits('little');
  return little === fits('big') ? null : little ? 'little' : 'big';
}

const [up, gateway, host, reject] = [0x1, 0x2, 0x4, 0x200];

/** The row as route(8) prints it: it reads this file. */
function rowOf(words: RegExpExecArray | null, order: ByteOrder): RouteRow | null {
  const [, dev = '', to = '', via = '', flagText = '', metric = '0', mask = ''] = words ?? [];
  const [destination, way, genmask] = [to, via, mask].map((text) => ip4Of(text, order));
  const flags = hexNumber(flagText) ?? 0;
  if (destination == null || way == null || genmask == null || (flags & up) === 0) return null;
  const letters = `${(flags & reject) === 0 ? 'U' : '!'}${(flags & gateway) === 0 ? '' : 'G'}${(flags & host) === 0 ? '' : 'H'}`;
  return readRow4([formatIp(destination), formatIp(way), formatIp(genmask), letters, metric, '0', '0', dev], true);
}
