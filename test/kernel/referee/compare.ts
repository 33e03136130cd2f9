/** Holds an answer of coldtrace against the kernel's, field by field. */
import type { AnswerLine } from '@coldtrace/core';
import { answerButPort, withPorts } from './drawn.js';
import type { Hit, KernelAnswer } from './observe.js';
import { protoNumber } from './packet-bytes.js';

export type Judgement =
  /** `drawn`: but for a port that the kernel drew from the range that the answer states. */
  | { readonly kind: 'exact'; readonly drawn?: true }
  | { readonly kind: 'unknown'; readonly because: readonly string[] }
  | { readonly kind: 'wrong'; readonly fields: readonly string[] };

type Fields = ReadonlyMap<string, string>;
type Loose = Readonly<Record<string, unknown>>;

const everywhere = ['outcome', 'reject_with', 'errno', 'neighbour', 'hits', 'conntrack'];
const ofArrived = ['out_iface', 'src', 'dst', 'proto', 'sport', 'dport', 'icmp_id', 'ttl', 'tos', 'mark', 'socket_src'];
const ofRoutes = ['type', 'via', 'dev', 'src', 'fibmatch'];

export function judge(ours: AnswerLine, kernel: KernelAnswer): Judgement {
  const said: Loose = { ...ours };
  return Array.isArray(said['branches']) ? closest(said['branches'], kernel) : judgeOne(said, kernel);
}

function judgeOne(said: Loose, kernel: KernelAnswer): Judgement {
  const seen = fieldsOf({ ...kernel });
  if (said['outcome'] !== 'unknown') return differing(fieldsOf(said), seen);
  const settled = answerButPort(said);
  if (settled !== null) return judgeDrawn(settled, kernel);
  const because = Array.isArray(said['because']) ? said['because'].map(String) : [];
  const either = said['either'];
  if (Array.isArray(either) && !either.some((answer) => possible(fieldsOf(answer), seen))) {
    return { kind: 'wrong', fields: ['either', ...because] };
  }
  return { kind: 'unknown', because };
}

function judgeDrawn(answer: Loose, kernel: KernelAnswer): Judgement {
  const whole = withPorts(answer, kernel);
  if (whole === null) return { kind: 'wrong', fields: ['drawn'] };
  const judged = differing(fieldsOf(whole), fieldsOf({ ...kernel }));
  return judged.kind === 'exact' ? { kind: 'exact', drawn: true } : judged;
}

function possible(ours: Fields, kernel: Fields): boolean {
  return [...ours].every(([name, value]) => {
    const seen = kernel.get(name) ?? '';
    return name === 'conntrack' ? sameTuples(value, seen) : seen === value;
  });
}

/** Ours may lack a port that the kernel drew. */
export function sameTuples(ours: string, kernel: string): boolean {
  const told = ours.split(' ');
  return kernel.split(' ').every((word, at) => told[at] === word || told[at] === '-');
}

/** Exact when one of them is. */
function closest(answers: readonly Loose[], kernel: KernelAnswer): Judgement {
  const judged = answers.map((answer) => judgeOne(answer, kernel));
  const rank = { exact: 0, unknown: 1, wrong: 2 } as const;
  return judged.sort((x, y) => rank[x.kind] - rank[y.kind])[0] ?? { kind: 'wrong', fields: ['no branch'] };
}

function differing(ours: Fields, kernel: Fields): Judgement {
  const names = [...new Set([...ours.keys(), ...kernel.keys()])];
  const fields = names.filter((name) => ours.get(name) !== kernel.get(name));
  return fields.length === 0 ? { kind: 'exact' } : { kind: 'wrong', fields };
}

/** The fields that are compared, each as text that is the same for the same thing. */
export function fieldsOf(answer: Loose): Fields {
  const outcome = answer['outcome'];
  const arrived = outcome === 'local' || outcome === 'forward';
  const names = [...everywhere, ...(arrived ? ofArrived : []), ...(outcome === 'ok' ? ofRoutes : [])];
  const fields = new Map<string, string>();
  for (const name of names) {
    const value = answer[name];
    if (value !== undefined && value !== null) fields.set(name, textOf(name, value));
  }
  if (answer['error'] !== undefined) fields.set('error', String(answer['error']));
  return fields;
}

function textOf(name: string, value: unknown): string {
  if (name === 'proto' && (typeof value === 'string' || typeof value === 'number')) return String(protoNumber(value));
  if (name === 'hits' && Array.isArray(value)) return hitsText(value);
  if (name === 'conntrack') return tuplesText(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Counters tell how often, not in which order. */
function hitsText(hits: readonly Hit[]): string {
  return hits
    .map((hit) => hit.join(' '))
    .sort()
    .join(', ');
}

function tuplesText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const sides: Loose = { ...value };
  return ['orig', 'reply'].map((side) => tupleText(sides[side])).join(' / ');
}

function tupleText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const tuple: Loose = { ...value };
  const proto = tuple['proto'];
  const number = typeof proto === 'string' || typeof proto === 'number' ? String(protoNumber(proto)) : '?';
  // What the kernel keeps in place of ports are GRE's keys.
  const names = number === '47' ? ['src', 'dst'] : ['src', 'dst', 'sport', 'dport', 'icmp_id'];
  return [number, ...names.map((name) => tuple[name] ?? '-')].join(' ');
}
