/** `kubectl get` and `calicoctl get` tables of any kind, known by their header: several kinds one after the other, `-A`, `-o wide`, `--show-labels`. */
import { type Facts, type KubeObject, MODELLED, type Row } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { columnsAsked } from './asked-columns.js';
import { kubernetesCode } from './codes.js';
import { type Cells, type Column, cellsOf, columnsOf } from './columns.js';
import { usuallyNamed } from './custom-columns.js';
import { otherRow } from './other-row.js';
import { isServiceGuessed, leftOut, metaOf, type RowReader, rowReader } from './rows.js';
import { type Asked, askedBy, kindOfColumns, kindOfResource } from './table-kinds.js';

/** A column that only such rows have: an age, `1/1`, ports with their protocol, `<none>`. */
const rowSign =
  /\s(?:(?:\d+[smhdy]){1,2}|\d+\/\d+|<none>|\d+(?::\d+)?\/(?:TCP|UDP|SCTP)\S*|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)(?:\s|$)/;

/** A column that most tables have and that no other tool prints beside a NAME. */
const tableSigns: readonly string[] = ['AGE', 'CREATED AT', 'LABELS'];

function verdictOf(text: string): LineVerdict {
  const headings = columnsOf(text)?.map((one) => one.name);
  if (headings !== undefined) {
    const known = rowReader(headings) !== null || kindOfColumns(headings) !== null;
    return known || tableSigns.some((name) => headings.includes(name)) ? 'opens' : null;
  }
  if (text.length > 1000 || !/^[a-z0-9][a-z0-9.:/-]*\s/.test(text)) return null;
  return rowSign.test(text) ? 'continues' : null;
}

export const kubeTableFormat: Format = {
  id: 'kube-table',
  title: 'a kubectl get table',
  commands: [
    /^(?:\S*\/)?(?:k3s\s+|microk8s\s+|k8s\s+)?(?:kubectl|oc|calicoctl)\s.*\bget\s(?!.*(?:\s-o[ =]?|--output[ =])(?:yaml|json|name|jsonpath))/,
  ],
  fileNames: [
    /^kubectl[_-].*get/,
    /^(?:nodes|pods|services|svc|endpoints|endpointslices|configmaps|daemonsets|deployments|replicasets|statefulsets|namespaces|networkpolicies|events|ingress|ippools)(?:\.txt)?$/,
  ],
  line: verdictOf,
  parse: parseTables,
};

/** The table that is being read. */
interface Table {
  readonly headings: readonly string[];
  readonly columns: readonly Column[];
  readonly reader: RowReader | null;
  readonly kind: string | null;
}

function parseTables(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const asked = askedIn(section);
  const rows: KubeObject[] = [];
  const unheaded = columnsAsked(section.command);
  let table: Table | null = unheaded === null ? null : tableOf(unheaded, asked);
  for (const line of reading.lines) {
    if (isBlank(line.text)) continue;
    const columns = columnsOf(line.text);
    if (columns !== null) {
      table = tableOf(usuallyNamed(columns, section.command), asked);
      claim(reading, line, 'inert');
      continue;
    }
    if (/^No resources found/.test(line.text)) {
      claim(reading, line, 'inert');
      continue;
    }
    if (takeFailure(reading, line) || table === null) continue;
    takeRow(reading, line, table, asked, rows);
  }
  return closeReading(reading, [{ kind: 'kube-objects', rows, complete: false }]);
}

/** The command tells the kind and the namespace, else the file's name: `daemonsets.txt`, `kubectl_get_--all-namespaces_true_ds`. */
function askedIn({ command, path }: Section): Asked {
  if (command !== null) return askedBy(command);
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.txt$/, '');
  const resource = name.slice(Math.max(name.lastIndexOf('_'), name.lastIndexOf('-')) + 1);
  return { kind: kindOfResource(resource), namespace: null, name: null };
}

function tableOf(columns: readonly Column[], asked: Asked): Table {
  const headings = columns.map((one) => one.name);
  const reader = rowReader(headings);
  return { headings, columns, reader, kind: reader === null ? (kindOfColumns(headings) ?? asked.kind) : null };
}

function takeRow(reading: Reading, line: Line, table: Table, asked: Asked, rows: KubeObject[]): void {
  const span = lineSpan(reading.section, line);
  const cells = cellsOf(line.text, table.columns);
  if (cells === null) {
    reading.diagnostics.push(kubernetesCode('unreadable-row', span));
    return;
  }
  const object = objectOf(cells, table, asked, cells.collapsed ? { span, trust: 'repaired' } : { span });
  if (object === null) {
    claim(reading, line, 'opaque');
    return;
  }
  rows.push(object);
  reading.ledger[line.index] = MODELLED;
  if (object.kind !== 'Endpoints') return;
  if (isServiceGuessed(table.headings, object.meta)) {
    const { service } = object;
    reading.diagnostics.push(kubernetesCode('guessed-service', span, { name: object.meta.name, service }));
  }
  const hidden = leftOut(cells.of.get('ENDPOINTS') ?? '');
  if (hidden === 0) return;
  claim(reading, line, 'conditional');
  reading.diagnostics.push(kubernetesCode('truncated-list', span, { count: hidden }));
}

/** The object of a row; null when nothing tells of what kind it is, and for events, which are no things. */
function objectOf(cells: Cells, table: Table, asked: Asked, row: Row): KubeObject | null {
  const meta = metaOf(cells.of, asked.namespace);
  const name = cells.of.get('NAME') ?? '';
  const slash = name.indexOf('/');
  const prefix = slash > 0 ? kindOfResource(name.slice(0, slash)) : null;
  const reader = table.reader ?? rowReader([...table.headings, `is ${prefix ?? table.kind ?? kindOfStatus(cells)}`]);
  if (reader !== null) {
    const guessed = isServiceGuessed(table.headings, meta);
    return reader(cells.of, guessed ? { ...row, trust: 'repaired' } : row, meta);
  }
  const kind = prefix ?? table.kind ?? kindOfStatus(cells);
  return kind === null || kind === 'Event' || meta.name === '' ? null : otherRow(kind, meta, cells.of, row);
}

/** `NAME STATUS AGE` is what nodes of old clusters and namespaces print alike. */
function kindOfStatus(cells: Cells): string | null {
  const status = cells.of.get('STATUS') ?? '';
  if (/^(?:Not)?Ready(?:,|$)/.test(status)) return 'Node';
  return /^(?:Active|Terminating)$/.test(status) && cells.of.size <= 4 ? 'Namespace' : null;
}
