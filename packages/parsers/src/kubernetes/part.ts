/** What grep and jsonpath leave of objects whose kind, and mostly whose name, stand in the command alone. kubectl-get(1), "JSONPath Support". */
import { type Facts, type KubeIpPool, type KubeNode, type KubeObject, parsePrefix } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import type { Line } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { printedBy } from './jsonpath.js';
import { namedMeta } from './meta.js';

/** `-o jsonpath=…` prints bare values, so nothing but the command says what they are. */
export const kubePartFormat: Format = {
  id: 'kube-part',
  title: 'Part of an API object (kubectl get -o jsonpath)',
  commands: [
    /^(?:\S*\/)?(?:kubectl|oc|k3s kubectl|microk8s kubectl)\s.*\bget\b.*(?:\s-o[ =]?|--output[ =])["']?jsonpath=/,
  ],
  fileNames: [],
  line: (text) => (anyPart.test(text.slice(0, 200)) ? 'continues' : null),
  parse: (section) => {
    const reading = openReading(section);
    const left = partsLeft(reading);
    const rows = left.length > 0 ? left : printedBy(reading);
    for (const line of reading.lines) if (reading.ledger[line.index] === 0) takeFailure(reading, line);
    return partsRead(reading, rows);
  },
};

/** A JSON object, a Go map, an address or a network, or one word. */
const anyPart = /^\s*(?:\{"|map\[|[0-9a-f]+[.:][0-9a-f.:]+(?:\/\d+)?(?:\s|$)|[\w.:-]+\s*$)/i;

function partsRead(reading: Reading, rows: readonly KubeObject[]): Parsed<readonly Facts[]> {
  return closeReading(reading, [{ kind: 'kube-objects', rows, complete: false }]);
}

const nodeNamed = /\b(?:get|describe)\s+(?:nodes?|no)[\s/]+([a-z0-9][a-z0-9.-]{0,252})(?=\s|$)/;
const poolsAsked = /\bget\s+(?:ippools?|ipp)(?:\.[a-z0-9.-]{1,100})?(?:[\s/]|$)/i;
const filtered = /\|\s*(?:e|f|z)?grep\b/;
const jsonpath = /jsonpath=\\?["']?\{?\.?(.{0,400})/;

/** The objects that the lines tell of; their lines are claimed. */
export function partsLeft(reading: Reading): readonly KubeObject[] {
  const command = (reading.section.command ?? '').slice(0, 1000);
  const path = jsonpath.exec(command)?.[1] ?? null;
  if (path === null && !filtered.test(command)) return [];
  if (poolsAsked.test(command)) return path === null ? poolsLeft(reading) : poolsPrinted(reading, path);
  const name = nodeNamed.exec(command)?.[1];
  return name === undefined ? [] : nodeLeft(reading, name, path);
}

/** As a section of another format finds nothing whole in it. */
export function partsOf(section: Section): Parsed<readonly Facts[]> | null {
  const reading = openReading(section);
  const rows = partsLeft(reading);
  return rows.length === 0 ? null : partsRead(reading, rows);
}

interface Pair {
  readonly line: Line;
  readonly key: string;
  readonly value: string;
}

function nodeLeft(reading: Reading, name: string, path: string | null): readonly KubeNode[] {
  const pairs = path === null ? reading.lines.flatMap(annotationOf) : annotationsPrinted(reading.lines, path);
  const [first, last] = [pairs[0], pairs.at(-1)];
  if (first === undefined || last === undefined) return [];
  for (const { line } of pairs) claim(reading, line, 'modelled');
  const annotations = Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
  return [
    {
      kind: 'Node',
      meta: { ...namedMeta(name, null), annotations },
      podCidrs: [],
      addresses: [],
      ready: null,
      kubeletVersion: null,
      span: { file: reading.section.file.id, start: first.line.start, end: last.line.end },
    },
  ];
}

/** `Annotations:  a.b/key: value` of a description, `a.b/key: 'value'` of YAML, `"a.b/key": "value",` of JSON. */
const annotation = /^(?:Annotations:)?\s*"?([a-z0-9][a-z0-9.-]{0,200}\/[A-Za-z0-9][\w.-]{0,62})"?: (.*)$/;

function annotationOf(line: Line): readonly Pair[] {
  const [, key, value] = annotation.exec(line.text.slice(0, 4000)) ?? [];
  return key === undefined || value === undefined ? [] : [{ line, key, value: plain(value) }];
}

/** A scalar of YAML or JSON as its text. */
function plain(written: string): string {
  const text = written.trim().replace(/,$/, '');
  if (/^'.*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (!/^".*"$/.test(text)) return text;
  const value = parsedJson(text);
  return typeof value === 'string' ? value : text;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const underAnnotations = /^metadata\.annotations(?:\.|\[\\?["']|(?=[}"'\s]|$))((?:\\.|[^"'}\]\s])*)/;

/** All annotations of the node, or the value of the one that the path names. */
function annotationsPrinted(lines: readonly Line[], path: string): readonly Pair[] {
  const key = underAnnotations.exec(path)?.[1]?.replaceAll('\\', '');
  const line = lines.find(({ text }) => text.trim() !== '');
  if (key === undefined || line === undefined) return [];
  const text = line.text.trim();
  if (key !== '') return [{ line, key, value: text }];
  return recordOf(text).map((pair) => ({ line, ...pair }));
}

/** `{"a/b":"c"}`, or `map[a/b:c d/e:f]` as kubectl before 1.20 prints it. */
function recordOf(text: string): readonly Omit<Pair, 'line'>[] {
  const value = text.startsWith('{') ? parsedJson(text) : null;
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, one]) => (typeof one === 'string' ? [{ key, value: one }] : []));
  const inner = /^map\[(.*)\]$/.exec(text)?.[1] ?? '';
  return inner.split(/ (?=[a-z0-9][a-z0-9.-]*\/[\w.-]+:)/).flatMap((part) => {
    const colon = part.indexOf(':');
    return colon > 0 ? [{ key: part.slice(0, colon), value: part.slice(colon + 1) }] : [];
  });
}

const poolField = /^[\s-]*"?(cidr|disabled|ipipMode|name|natOutgoing|vxlanMode)"?: (.*)$/;

/** The keys of a pool stand in alphabetical order, so what follows a `cidr` is of the same pool, up to the next `cidr` or `name`. */
function poolsLeft(reading: Reading): readonly KubeIpPool[] {
  const pools: KubeIpPool[] = [];
  let name = '';
  let open = false;
  for (const line of reading.lines) {
    const [, key, written = ''] = poolField.exec(line.text.slice(0, 400)) ?? [];
    const last = pools.at(-1);
    const value = plain(written);
    if (key === undefined) continue;
    if (key === 'name') [name, open] = [value, false];
    else if (key === 'cidr') open = pools.push(poolOf(reading, line, name, value)) > 0;
    else if (open && last !== undefined) pools[pools.length - 1] = withField(last, key, value, line.end);
    claim(reading, line, 'modelled');
  }
  return pools.filter(({ cidr }) => cidr !== null);
}

function poolOf({ section }: Reading, { start, end }: Line, name: string, cidr: string): KubeIpPool {
  return {
    kind: 'IPPool',
    meta: namedMeta(name, null),
    cidr: parsePrefix(cidr),
    ipipMode: null,
    vxlanMode: null,
    natOutgoing: null,
    disabled: false,
    span: { file: section.file.id, start, end },
  };
}

function withField(pool: KubeIpPool, key: string, value: string, end: number): KubeIpPool {
  const span = { ...pool.span, end };
  if (key === 'natOutgoing') return { ...pool, natOutgoing: value === 'true', span };
  if (key === 'disabled') return { ...pool, disabled: value === 'true', span };
  return key === 'ipipMode' ? { ...pool, ipipMode: value, span } : { ...pool, vxlanMode: value, span };
}

/** `-o jsonpath={.items[*].spec.cidr}`: the networks, side by side. */
function poolsPrinted(reading: Reading, path: string): readonly KubeIpPool[] {
  if (!/^(?:items\[(?:\*|\d+)\]\.)?spec\.cidr\b/.test(path)) return [];
  return reading.lines.flatMap((line) => {
    const pools = line.text
      .slice(0, 4000)
      .split(/\s+/)
      .map((word) => poolOf(reading, line, '', word))
      .filter(({ cidr }) => cidr !== null);
    if (pools.length > 0) claim(reading, line, 'modelled');
    return pools;
  });
}
