/** The router of the tests under questions in JSON, and its answers as short sentences. */
import {
  type AnswerLine,
  type AssumeMode,
  type Interview,
  interview,
  placeOf,
  writtenInterview,
} from '@coldtrace/core';
import { expect } from 'vitest';
import { type Dumps, nodeOf, router, rules } from './node-text.js';

export type Json = Readonly<Record<string, unknown>>;

/** `null` leaves a dump out. Each answer is written too, which must make the text of the same object. */
export function interviewOf(
  changes: Readonly<Record<string, string | null>> = {},
  assume: AssumeMode = 'none',
): Interview {
  const dumps: Dumps = Object.fromEntries(
    Object.entries({ ...router, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  const node = nodeOf(dumps);
  const place = placeOf(node, node.host, assume);
  const [ask, write] = [interview(place), writtenInterview(place)];
  return (text, line) => {
    const answer = ask(text, line);
    expect(write(text, line)).toBe(JSON.stringify(answer));
    return answer;
  };
}

export const withTables = (tables: Parameters<typeof rules>[0], more: Readonly<Record<string, string | null>> = {}) =>
  interviewOf({ 'iptables-save.txt': rules(tables), ...more });

/** The answer to the last of the questions, which are numbered from 1. */
export function answerTo(ask: Interview, ...questions: readonly Json[]): Json {
  let last: AnswerLine | null = null;
  questions.forEach((question, index) => {
    last = ask(JSON.stringify({ id: String(index + 1), ...question }), index + 1);
  });
  return JSON.parse(JSON.stringify(last)) as Json;
}

/** `forward eth1 10.1.0.9:4000 > 10.2.0.9:80 ttl 63 mark 5 hits filter/FORWARD/1 ct 10.1.0.9:4000 > 10.2.0.9:80 / …`. */
export function said(answer: Json): string {
  const branches = answer['branches'] as readonly Json[] | undefined;
  if (branches !== undefined)
    return branches.map((one) => `${String(one['probability'])}: ${saidOnce(one)}`).join(' | ');
  return saidOnce(answer);
}

function saidOnce(answer: Json): string {
  const either = answer['either'] as readonly Json[] | undefined;
  const words = [
    answer['error'],
    answer['outcome'],
    answer['reject_with'],
    answer['errno'],
    answer['neighbour'],
    answer['out_iface'],
    'dst' in answer ? `${end(answer, 'src', 'sport')} > ${end(answer, 'dst', 'dport')}` : undefined,
    ...['icmp_id', 'ttl', 'tos', 'mark'].flatMap((name) => (answer[name] ? [`${name} ${String(answer[name])}`] : [])),
    'socket_src' in answer ? `from ${String(answer['socket_src'])}` : undefined,
    hits(answer),
    tracked(answer),
    either === undefined ? undefined : `either ${either.map(saidOnce).join(' or ')}`,
  ];
  return words.filter((word) => word !== undefined && word !== '').join(' ');
}

function end(answer: Json, ip: string, port: string): string {
  return port in answer ? `${String(answer[ip])}:${String(answer[port])}` : String(answer[ip]);
}

function hits(answer: Json): string {
  const all = (answer['hits'] as readonly (readonly unknown[])[] | undefined) ?? [];
  return all.map((hit) => hit.join('/')).join(' ');
}

function tracked(answer: Json): string | undefined {
  const conntrack = answer['conntrack'] as { readonly orig: Json; readonly reply: Json } | undefined;
  if (conntrack === undefined) return undefined;
  const tuple = (side: Json) => `${end(side, 'src', 'sport')} > ${end(side, 'dst', 'dport')}`;
  return `[${tuple(conntrack.orig)}, ${tuple(conntrack.reply)}]`;
}
