/** `kubectl get … -o jsonpath=TEMPLATE`: values in the places that the template gives them. https://kubernetes.io/docs/reference/kubectl/jsonpath/ */
import { type KubeNode, type KubeObject, parseIp, parsePrefix } from '@coldtrace/core';
import { failureMessage } from '../text/failure.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, type Reading } from '../text/reading.js';
import { wordsOfShell } from '../transcript/shell-words.js';
import { namedMeta } from './meta.js';
import { networksOf } from './rows.js';
import { askedBy } from './table-kinds.js';

/** A line as the template prints it: values with literals before, between and behind them. */
interface Template {
  readonly paths: readonly string[];
  /** One more than paths. */
  readonly literals: readonly string[];
}

/** The objects that a template's lines tell of; their lines are claimed. */
export function printedBy(reading: Reading): readonly KubeObject[] {
  const command = reading.section.command ?? '';
  const template = templateOf(command);
  if (template === null) return [];
  const { kind, name, namespace } = askedBy(command);
  return reading.lines.flatMap((line) => {
    const values = isBlank(line.text) || failureMessage(line.text) !== null ? null : valuesOf(template, line);
    const named = values?.get('.metadata.name') ?? name;
    const object = values === null || named === null ? null : objectOf(kind, values, named, namespace);
    if (object === null) return [];
    claim(reading, line, 'modelled');
    return [{ ...object, span: lineSpan(reading.section, line) }];
  });
}

const longest = 2000;

/** Literals and paths only, once or for each of `.items[*]`; conditions, unions and lists within a line are left alone. */
function templateOf(command: string): Template | null {
  const words = wordsOfShell(command.slice(0, longest));
  const word = words.find((one) => /^(?:-o=?|--output=)?jsonpath=/.test(one)) ?? '';
  const text = /^[^{]*(?:\{range \.items\[\*\]\})?(.*?)(?:\{end\})?$/.exec(
    word.slice(word.indexOf('jsonpath=') + 9),
  )?.[1];
  const paths: string[] = [];
  const literals = [''];
  for (const [part] of (text ?? '').matchAll(/\{[^}]*\}|[^{]+/g)) {
    const path = /^\{(?:\$|@)?(\.[^[\]{}]+(?:\[\?\(@\.type==["']?InternalIP["']?\)\]\.address)?)\}$/.exec(part)?.[1];
    const literal = /^\{"(.*)"\}$/.exec(part)?.[1] ?? (part.startsWith('{') ? null : part);
    if (path === undefined && literal === null) return null;
    if (path !== undefined) paths.push(path);
    if (path !== undefined) literals.push('');
    else literals[literals.length - 1] += (literal ?? '').replace(/\\n/g, '').replace(/\\t/g, '\t');
  }
  return paths.length === 0 ? null : { paths, literals };
}

/** Null where the line does not have the template's literals in their order. */
function valuesOf({ paths, literals }: Template, { text }: Line): ReadonlyMap<string, string> | null {
  const [first = '', ...behind] = literals;
  if (text.length > longest || !text.startsWith(first)) return null;
  const values = new Map<string, string>();
  let at = first.length;
  for (const [index, path] of paths.entries()) {
    const literal = (behind[index] ?? '').trimEnd() === '' && index === paths.length - 1 ? '' : (behind[index] ?? '');
    const end = literal === '' ? (index === paths.length - 1 ? text.length : at) : text.indexOf(literal, at);
    if (end < at) return null;
    values.set(path, text.slice(at, end).trim());
    at = end + literal.length;
  }
  return values;
}

type Unplaced<T> = T extends KubeObject ? Omit<T, 'span'> : never;

function objectOf(
  kind: string | null,
  values: ReadonlyMap<string, string>,
  name: string,
  namespace: string | null,
): Unplaced<KubeObject> | null {
  const of = (path: string) => values.get(path) ?? null;
  const meta = namedMeta(name, of('.metadata.namespace') ?? namespace);
  switch (kind) {
    case 'Node':
      return nodeOf(values, meta);
    case 'Pod': {
      const ip = parseIp(of('.status.podIP') ?? '');
      const told = { nodeName: of('.spec.nodeName'), ips: ip === null ? [] : [ip], phase: of('.status.phase') };
      if (ip === null && told.nodeName === null) return null;
      return { kind, meta, ...told, hostNetwork: null, ready: null, containerIds: [] };
    }
    case 'IPPool': {
      const nat = of('.spec.natOutgoing');
      const modes = { ipipMode: of('.spec.ipipMode'), vxlanMode: of('.spec.vxlanMode') };
      const cidr = parsePrefix(of('.spec.cidr') ?? '');
      const natOutgoing = nat === null ? null : nat === 'true';
      return cidr === null
        ? null
        : { kind, meta, cidr, ...modes, natOutgoing, disabled: of('.spec.disabled') === 'true' };
    }
    default:
      return null;
  }
}

/** Null where the template prints nothing that a node is looked at for. */
function nodeOf(values: ReadonlyMap<string, string>, meta: KubeObject['meta']): Unplaced<KubeNode> | null {
  const annotations: Record<string, string> = Object.create(null);
  for (const [path, value] of values) {
    const key = /^\.metadata\.annotations\.(.+)$/.exec(path)?.[1]?.replaceAll('\\.', '.');
    if (key !== undefined && value !== '') annotations[key] = value;
  }
  const podCidrs = networksOf(values.get('.spec.podCIDRs') ?? values.get('.spec.podCIDR') ?? '');
  const address = [...values].find(([path]) => path.startsWith('.status.addresses['))?.[1] ?? '';
  if (Object.keys(annotations).length === 0 && podCidrs.length === 0 && parseIp(address) === null) return null;
  return {
    kind: 'Node',
    meta: { ...meta, namespace: null, annotations },
    podCidrs,
    addresses: parseIp(address) === null ? [] : [{ type: 'InternalIP', address }],
    ready: null,
    kubeletVersion: null,
  };
}
