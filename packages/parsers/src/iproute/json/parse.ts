/** `ip -j …` and `bridge -j …`, compact or with `-p`: each object is read by the grammar of the text form. */
import type { BridgeVlan, Facts, LineState, Sysctl, YamlValue } from '@coldtrace/core';
import { type Parsed, type Section, spanOf } from '../../format.js';
import { readJson } from '../../text/json.js';
import { type Line, mark } from '../../text/lines.js';
import type { Word } from '../../text/words.js';
import { fdbFrom } from '../bridge/fdb.js';
import { bridgePortsFrom } from '../bridge/link.js';
import { report } from '../codes.js';
import type { Entry } from '../entry.js';
import { linksFrom } from '../link/parse.js';
import { neighboursFrom } from '../neigh/parse.js';
import { addrLabelsFrom } from '../other/addrlabel.js';
import { multicastFrom } from '../other/maddr.js';
import { settingsOfObject } from '../other/netconf.js';
import { netnsNamesFrom } from '../other/netns.js';
import { nexthopsFrom } from '../other/nexthop.js';
import { finish, leaveUnread, openReader, type Reader, takeMessage } from '../reader.js';
import { routesFrom } from '../route/parse.js';
import { rulesFrom } from '../rule/parse.js';
import { linkParts } from './link.js';
import {
  fdbParts,
  labelParts,
  membershipParts,
  neighbourParts,
  netnsParts,
  nexthopParts,
  portParts,
  vlanRows,
} from './others.js';
import { routeParts } from './route.js';
import { ruleParts } from './rule.js';
import { type Shape, shapeOf, shapeOfCommand } from './shapes.js';
import { append, entriesIn } from './words.js';

/** Rows that the words of the text forms do not make. */
type Direct = 'vlan' | 'netconf' | 'mdb';

const partsOf: Readonly<Record<Exclude<Shape, Direct>, (object: YamlValue) => Word[][]>> = {
  route: routeParts,
  rule: ruleParts,
  neighbour: neighbourParts,
  link: linkParts,
  nexthop: nexthopParts,
  label: labelParts,
  netns: netnsParts,
  membership: membershipParts,
  fdb: fdbParts,
  port: portParts,
};

const factsFrom: Readonly<Record<Exclude<Shape, Direct>, (reader: Reader, entries: readonly Entry[]) => Facts[]>> = {
  route: routesFrom,
  rule: rulesFrom,
  neighbour: neighboursFrom,
  link: linksFrom,
  nexthop: nexthopsFrom,
  label: addrLabelsFrom,
  netns: netnsNamesFrom,
  membership: multicastFrom,
  fdb: fdbFrom,
  port: bridgePortsFrom,
};

interface Found {
  readonly entries: Map<Exclude<Shape, Direct>, Entry[]>;
  readonly vlans: BridgeVlan[];
  readonly settings: Sysctl[];
  sawVlans: boolean;
  sawEmptyList: boolean;
}

export function parseIprouteJson(section: Section): Parsed<readonly Facts[]> {
  const reader = openReader(section);
  const found: Found = { entries: new Map(), vlans: [], settings: [], sawVlans: false, sawEmptyList: false };
  let readTo = section.start;
  for (const line of reader.lines) {
    if (line.start < readTo && line.end <= readTo) continue;
    const at = Math.max(line.start, readTo);
    if (beginsJson(section.file.text, at, line.end)) readTo = readValue(reader, found, line, at);
    else if (line.start >= readTo && !takeMessage(reader, line)) leaveUnread(reader, line, 'ip -j');
  }
  return finish(reader, factsOf(reader, found));
}

function beginsJson(text: string, start: number, end: number): boolean {
  let at = start;
  while (at < end && text.charCodeAt(at) <= 32) at++;
  return at < end && (text[at] === '[' || text[at] === '{');
}

/** Reads one JSON text and claims its lines; returns the offset past it. */
function readValue(reader: Reader, found: Found, line: Line, start: number): number {
  const { section } = reader;
  const json = readJson(section.file.text, section.file.id, start, section.end);
  // Where it breaks off, the line of the fault is not understood and reading goes on below it.
  markSpan(reader, start, json.end, 'modelled');
  const objects = json.value?.kind === 'list' ? json.value.items : json.value === null ? [] : [json.value];
  if (objects.length === 0 && json.problem === null) found.sawEmptyList = true;
  for (const object of objects) addObject(reader, found, object);
  if (json.problem === null) return json.end;
  const { offset, reason } = json.problem;
  const place = Math.min(offset, Math.max(section.end - 1, start));
  reader.complete = false;
  reader.diagnostics.push(report('bad-json', spanOf(section, place, Math.min(place + 1, section.end)), { reason }));
  const broken = reader.lines[lineFrom(reader.lines, place)] ?? line;
  mark(reader.ledger, broken, 'unrecognized');
  return Math.max(broken.end, start + 1);
}

function addObject(reader: Reader, found: Found, object: YamlValue): void {
  // `ip` prints an empty object for a row that its own filter hid.
  if (object.kind === 'map' && entriesIn(object).length === 0) return;
  const shape = shapeOf(object);
  if (shape === 'vlan') {
    const rows = vlanRows(object);
    found.sawVlans = true;
    if (rows !== null) append(found.vlans, rows);
    else giveUp(reader, object);
    return;
  }
  if (shape === 'netconf' || shape === 'mdb') {
    if (shape === 'netconf') append(found.settings, settingsOfObject(object));
    else markSpan(reader, object.span.start, object.span.end, 'opaque');
    return;
  }
  const parts = shape === null ? [] : partsOf[shape](object).filter((words) => words.length > 0);
  if (shape === null || parts.length === 0) {
    giveUp(reader, object);
    return;
  }
  const entry: Entry = {
    parts: parts.map((words) => ({ words, indented: true })),
    lines: [],
    repaired: false,
    span: object.span,
  };
  const entries = found.entries.get(shape);
  if (entries === undefined) found.entries.set(shape, [entry]);
  else entries.push(entry);
}

function giveUp(reader: Reader, object: YamlValue): void {
  reader.complete = false;
  reader.diagnostics.push(report('unknown-shape', object.span));
  markSpan(reader, object.span.start, object.span.end, 'unrecognized');
}

/** Marks the lines that hold a piece of the text. */
function markSpan(reader: Reader, start: number, end: number, state: LineState): void {
  const { lines } = reader;
  for (let index = lineFrom(lines, start); index < lines.length; index++) {
    const line = lines[index];
    if (line === undefined || line.start >= end) break;
    mark(reader.ledger, line, state);
  }
}

/** Index of the first line that ends after an offset. */
function lineFrom(lines: readonly Line[], offset: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function factsOf(reader: Reader, found: Found): Facts[] {
  const facts: Facts[] = [];
  const asked = found.sawEmptyList ? shapeOfCommand(reader.command?.object ?? '') : null;
  if (asked !== null && asked !== 'vlan' && asked !== 'mdb' && asked !== 'netconf' && !found.entries.has(asked))
    found.entries.set(asked, []);
  // A refused lookup prints no JSON; its refusal is the answer.
  if (reader.command?.args[0] === 'get' && reader.failures.length > 0)
    found.entries.set('route', found.entries.get('route') ?? []);
  for (const [shape, entries] of found.entries) {
    facts.push(...factsFrom[shape](reader, entries));
    for (const { state, span } of entries) {
      if (state === 'opaque' && span !== undefined) markSpan(reader, span.start, span.end, 'opaque');
    }
  }
  if (found.sawVlans || asked === 'vlan')
    facts.push({ kind: 'bridge-vlans', rows: found.vlans, complete: reader.complete });
  if (found.settings.length > 0) facts.push({ kind: 'sysctls', rows: found.settings, complete: false });
  return facts;
}
