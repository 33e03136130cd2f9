/** `kubectl get nodes|pods|services|endpoints|endpointslices [-o wide] [-A]` and `calicoctl get ippool` tables. */
import { type Facts, type KubeObject, MODELLED } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { kubernetesCode } from './codes.js';
import { type Column, cellsOf, columnsOf } from './columns.js';
import { leftOut, type RowReader, rowReader } from './rows.js';

/** A column that only such rows have: an age, `1/1`, ports with their protocol, `<none>`. */
const rowSign = /\s(?:(?:\d+[smhdy]){1,2}|\d+\/\d+|<none>|\d+(?::\d+)?\/(?:TCP|UDP|SCTP)\S*)(?:\s|$)/;

function verdictOf(text: string): LineVerdict {
  if (text.startsWith('NAME')) {
    const columns = columnsOf(text);
    return columns !== null && rowReader(columns.map((one) => one.name)) !== null ? 'opens' : null;
  }
  if (text.length > 1000 || !/^[a-z0-9][a-z0-9.-]*\s/.test(text)) return null;
  return rowSign.test(text) ? 'continues' : null;
}

export const kubeTableFormat: Format = {
  id: 'kube-table',
  title: 'a kubectl get table',
  commands: [
    /^(?:\S*\/)?(?:k3s\s+|microk8s\s+|k8s\s+)?(?:kubectl|oc|calicoctl)\s.*\bget\s(?!.*(?:\s-o[ =]?|--output[ =])(?:yaml|json|name|jsonpath))/,
  ],
  fileNames: [/^kubectl[_-]get/, /^(?:nodes|pods|services|endpoints)(?:\.txt)?$/],
  line: verdictOf,
  parse: parseTables,
};

function parseTables(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: KubeObject[] = [];
  let columns: readonly Column[] = [];
  let reader: RowReader | null = null;
  for (const line of reading.lines) {
    if (isBlank(line.text)) continue;
    const header = columnsOf(line.text);
    if (header !== null) {
      columns = header;
      reader = rowReader(header.map((one) => one.name));
      if (reader !== null) claim(reading, line, 'inert');
      continue;
    }
    if (/^No resources found/.test(line.text)) {
      claim(reading, line, 'inert');
      continue;
    }
    if (takeFailure(reading, line) || reader === null) continue;
    const span = lineSpan(section, line);
    const cells = cellsOf(line.text, columns);
    if (cells === null) {
      reading.diagnostics.push(kubernetesCode('unreadable-row', span));
      continue;
    }
    rows.push(reader(cells.of, cells.collapsed ? { span, trust: 'repaired' } : { span }));
    reading.ledger[line.index] = MODELLED;
    const hidden = leftOut(cells.of.get('ENDPOINTS') ?? '');
    if (hidden > 0) {
      claim(reading, line, 'conditional');
      reading.diagnostics.push(kubernetesCode('truncated-list', span, { count: hidden }));
    }
  }
  return closeReading(reading, [{ kind: 'kube-objects', rows, complete: false }]);
}
