/** An answer as JSON, the same text as JSON.stringify makes of the object: most of it are rules, whose texts are kept. Fields stand in the order of answer.ts. */
import type { Answer, HitAnswer, OpenAnswer, ProbeAnswer, TupleAnswer } from './answer.js';
import type { Folded } from './fold.js';
import type { ProbeId } from './question.js';

export function writeAnswer(id: ProbeId | null, folded: Folded): string {
  const head = id === null ? '{' : `{"id":${word(id)},`;
  if (folded.kind === 'one') return head + fieldsOf(folded.answer);
  let text = `${head}"branches":[`;
  let comma = '';
  for (const { probability, told } of folded.branches) {
    text += `${comma}{"probability":"${probability}",${fieldsOf(told)}`;
    comma = ',';
  }
  return `${text}]}`;
}

/** All behind the opening brace. */
function fieldsOf(answer: ProbeAnswer): string {
  if (!('outcome' in answer)) return JSON.stringify(answer).slice(1);
  return answer.outcome === 'unknown' ? openFields(answer) : settledFields(answer);
}

function openFields({ because, either, assumptions }: OpenAnswer): string {
  let text = `"outcome":"unknown","because":${words(because)}`;
  if (either !== undefined) text += `,"either":[${eitherText(either)}]`;
  return `${text}${assumed(assumptions)}}`;
}

function eitherText(answers: readonly Answer[]): string {
  const [only] = answers;
  if (only !== undefined && answers.length === 1) return `{${settledFields(only)}`;
  return answers.map((one) => `{${settledFields(one)}`).join(',');
}

function settledFields(answer: Answer): string {
  const { hits, conntrack, carrier, drawn } = answer;
  // Only routes have none.
  if (hits === undefined) return JSON.stringify(answer).slice(1);
  let text = `"outcome":"${answer.outcome}"${whyNot(answer)}${headers(answer)}`;
  if (answer.socket_src !== undefined) text += `,"socket_src":"${answer.socket_src}"`;
  text += `,"hits":[${hitsText(hits)}]`;
  if (conntrack !== undefined)
    text += `,"conntrack":{"orig":${original(conntrack.orig)},"reply":${tuple(conntrack.reply)}}`;
  if (carrier !== undefined) text += `,"carrier":${JSON.stringify(carrier)}`;
  if (drawn !== undefined) text += drawnText(drawn);
  return `${text}${assumed(answer.assumptions)}}`;
}

function whyNot({ reject_with, errno, neighbour }: Answer): string {
  if (reject_with !== undefined) return `,"reject_with":${quoted(reject_with)}`;
  if (errno !== undefined) return `,"errno":${quoted(errno)}`;
  return neighbour === undefined ? '' : `,"neighbour":"${neighbour}"`;
}

function headers({ out_iface, src, dst, proto, sport, dport, icmp_id, ttl, tos, mark }: Answer): string {
  let text = out_iface === undefined ? '' : `,"out_iface":${quoted(out_iface)}`;
  if (src !== undefined) text += `,"src":"${src}"`;
  if (dst !== undefined) text += `,"dst":"${dst}"`;
  if (proto !== undefined) text += `,"proto":${word(proto)}`;
  if (sport !== undefined) text += `,"sport":${sport}`;
  if (dport !== undefined) text += `,"dport":${dport}`;
  if (icmp_id !== undefined) text += `,"icmp_id":${icmp_id}`;
  if (ttl !== undefined && tos !== undefined && mark !== undefined) return text + rest(ttl, tos, mark);
  if (ttl !== undefined) text += `,"ttl":${ttl}`;
  if (tos !== undefined) text += `,"tos":${tos}`;
  return mark === undefined ? text : `${text},"mark":${mark}`;
}

/** What most packets of one list of probes have alike, as it was written last. */
let lastRest = { ttl: -1, tos: -1, mark: -1, text: '' };

function rest(ttl: number, tos: number, mark: number): string {
  if (lastRest.ttl !== ttl || lastRest.tos !== tos || lastRest.mark !== mark)
    lastRest = { ttl, tos, mark, text: `,"ttl":${ttl},"tos":${tos},"mark":${mark}` };
  return lastRest.text;
}

/** Mostly it is the source port alone. */
function drawnText(drawn: NonNullable<Answer['drawn']>): string {
  const { src, dst } = drawn;
  if (src !== undefined && dst === undefined) return `,"drawn":{"src":[${src[0]},${src[1]}]}`;
  return `,"drawn":${JSON.stringify(drawn)}`;
}

interface Original {
  readonly tuple: TupleAnswer;
  readonly text: string;
}

let lastOriginal: Original | null = null;

/** The branches of one answer share it, as a rule. */
function original(of: TupleAnswer): string {
  if (lastOriginal === null || lastOriginal.tuple !== of) lastOriginal = { tuple: of, text: tuple(of) };
  return lastOriginal.text;
}

function tuple({ src, dst, proto, sport, dport, icmp_type, icmp_code, icmp_id }: TupleAnswer): string {
  let text = `{"src":"${src}","dst":"${dst}","proto":${word(proto)}`;
  if (sport !== undefined) text += `,"sport":${sport}`;
  if (dport !== undefined) text += `,"dport":${dport}`;
  if (icmp_type !== undefined) text += `,"icmp_type":${icmp_type}`;
  if (icmp_code !== undefined) text += `,"icmp_code":${icmp_code}`;
  if (icmp_id !== undefined) text += `,"icmp_id":${icmp_id}`;
  return `${text}}`;
}

const texts = new WeakMap<HitAnswer, string>();

function hitsText(hits: readonly HitAnswer[]): string {
  let text = '';
  for (const hit of hits) {
    let one = texts.get(hit);
    if (one === undefined) {
      one = JSON.stringify(hit);
      texts.set(hit, one);
    }
    text += text === '' ? one : `,${one}`;
  }
  return text;
}

function assumed(assumptions: readonly string[] | undefined): string {
  return assumptions === undefined ? '' : `,"assumptions":${JSON.stringify(assumptions)}`;
}

function word(value: string | number): string {
  return typeof value === 'number' ? String(value) : quoted(value);
}

function words(texts: readonly string[]): string {
  const [only] = texts;
  return only !== undefined && texts.length === 1 ? `[${quoted(only)}]` : JSON.stringify(texts);
}

/** Nothing in it needs an escape. */
const plain = /^[\w .:@/+-]*$/;

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}
