/** Containers and pod sandboxes as `crictl ps`, `crictl pods` and `docker ps` list them. */
import type { Container, Facts } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { hostDiagnostic } from './codes.js';

const docker = /^CONTAINER ID\s+IMAGE\s+COMMAND\s+CREATED\s+STATUS\s+PORTS\s+NAMES\s*$/;
const containers =
  /^CONTAINER(?: ID)?\s+IMAGE\s+CREATED\s+STATE\s+NAME\s+ATTEMPT\s+POD ID(?:\s+POD)?(?:\s+NAMESPACE)?\s*$/;
const pods = /^POD ID\s+CREATED\s+STATE\s+NAME\s+NAMESPACE\s+ATTEMPT(?:\s+RUNTIME)?\s*$/;
const row = /^[0-9a-f]{12,13}(?:[0-9a-f]{51})?\s+\S/;
/** crictl's warnings about its endpoint come before the table. */
const warning = /^(?:WARN|time="[^"]{10,40}" level=warning)/;
const quietPods = /\bcrictl\s.*\bpods\b.*\s(?:-\w*q\w*|--quiet)(?=\s|$)/;
/** Names of cells that dockershim gave: `k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT`. */
const shimName = /^k8s_([^_]+)_([^_]+)_([^_]+)_[0-9a-f-]+_\d+$/;

interface Heading {
  readonly kind: 'docker' | 'containers' | 'pods';
  /** Column names with their offsets. */
  readonly columns: readonly { readonly name: string; readonly at: number }[];
}

export const containersFormat: Format = {
  id: 'containers',
  title: 'containers of the runtime',
  commands: [
    /^(?:\S*\/)?(?:k3s )?crictl\s+(?!.*\s(?:-o|--output)[ =]?(?:json|yaml)\b).*\b(?:ps|pods|psa)\b/,
    /^(?:\S*\/)?(?:docker|nerdctl|podman)\s+(?:container\s+(?:ls|list)|ps)\b/,
  ],
  fileNames: [/^(?:psa|pods|docker[-_]?psa?|crictl[-_](?:ps|pods).*)(?:\.(?:txt|md|log))?$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 2000) return null;
  if (headingOf(text) !== null) return 'opens';
  return row.test(text) && text.trim().split(/ {2,}|\t/).length >= 5 ? 'continues' : null;
}

function headingOf(text: string): Heading | null {
  const kind = docker.test(text) ? 'docker' : containers.test(text) ? 'containers' : pods.test(text) ? 'pods' : null;
  if (kind === null) return null;
  const columns = [...text.matchAll(/CONTAINER ID|POD ID|[A-Z]+/g)].map((found) => ({
    name: found[0],
    at: found.index,
  }));
  return { kind, columns };
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: Container[] = [];
  let heading: Heading | null = null;
  for (const line of reading.lines) {
    const found: Heading | null = line.text.length > 2000 ? null : headingOf(line.text);
    if (found !== null) {
      heading = found;
      claim(reading, line, 'inert');
    } else if (warning.test(line.text)) claim(reading, line, 'inert');
    else if (heading === null && takeId(reading, line, rows)) continue;
    else if (!isBlank(line.text)) takeRow(reading, line, heading, rows);
  }
  if (heading === null && rows.length === 0) return closeReading(reading, []);
  return closeReading(reading, [{ kind: 'containers', rows, complete: !isFiltered(section.command) }]);
}

/** Without a filter every running one is there. */
export function isFiltered(command: string | null): boolean {
  return /\||\s--(?:name|label|pod|state|filter|last|latest|namespace|image)|\s-(?:f|n|l)\b/.test(command ?? '');
}

/** `crictl pods -q` prints the ids of sandboxes alone. */
function takeId(reading: Reading, line: Line, rows: Container[]): boolean {
  const id = line.text.trim();
  if (!/^[0-9a-f]{64}$/.test(id) || !quietPods.test(reading.section.command ?? '')) return false;
  const unsaid = { image: null, state: null, pod: null, podNamespace: null };
  rows.push({ span: lineSpan(reading.section, line), id, sandboxId: id, name: '', ...unsaid });
  claim(reading, line, 'modelled');
  return true;
}

function takeRow(reading: Reading, line: Line, heading: Heading | null, rows: Container[]): void {
  if (heading === null || line.text.length > 2000 || !row.test(line.text)) {
    takeFailure(reading, line);
    return;
  }
  const span = lineSpan(reading.section, line);
  const cells = cellsOf(line.text, heading);
  if (cells.size < heading.columns.length && heading.kind !== 'docker') {
    const data = { found: cells.size, expected: heading.columns.length };
    reading.diagnostics.push(hostDiagnostic('unknown-columns', span, data));
  }
  rows.push({ span, ...containerOf(cells, heading.kind) });
  claim(reading, line, 'modelled');
}

/** Cells by column: at the heading's offsets if blanks stand before each of them, else as runs of two blanks divide the row. */
function cellsOf(text: string, heading: Heading): ReadonlyMap<string, string> {
  const { columns } = heading;
  const aligned = columns.every(
    ({ name, at }) => (at === 0 || text[at - 1] === ' ') && (name === 'PORTS' || text[at] !== ' '),
  );
  if (aligned) {
    return new Map(
      columns.map(({ name, at }, index) => [name, text.slice(at, columns[index + 1]?.at ?? text.length).trim()]),
    );
  }
  const cells = text.trim().split(/ {2,}|\t+/);
  const names = columns.map((column) => column.name);
  // PORTS of docker may be empty: what is there from the right is then NAMES.
  if (cells.length === names.length - 1 && names.includes('PORTS')) names.splice(names.indexOf('PORTS'), 1);
  return new Map(names.slice(0, cells.length).map((name, index) => [name, cells[index] ?? '']));
}

function containerOf(cells: ReadonlyMap<string, string>, kind: Heading['kind']): Omit<Container, 'span'> {
  const cell = (name: string): string | null => {
    const value = cells.get(name);
    return value === undefined || value === '' ? null : value;
  };
  const name = cell(kind === 'docker' ? 'NAMES' : 'NAME') ?? '';
  const shim = kind === 'docker' ? shimName.exec(name) : null;
  const id = cell(kind === 'pods' ? 'POD ID' : 'CONTAINER ID') ?? cell('CONTAINER') ?? '';
  const isSandbox = kind === 'pods' || shim?.[1] === 'POD';
  return {
    id,
    sandboxId: isSandbox ? id : kind === 'docker' ? null : cell('POD ID'),
    name: shim?.[1] ?? name,
    image: cell('IMAGE'),
    state: cell(kind === 'docker' ? 'STATUS' : 'STATE'),
    pod: kind === 'pods' ? name : (shim?.[2] ?? cell('POD')),
    podNamespace: shim?.[3] ?? cell('NAMESPACE'),
  };
}
