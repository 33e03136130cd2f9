/** Answers that leave a port to the kernel: every other field is settled, and the range of the port is stated. What the kernel chose must lie in it. */
import type { KernelAnswer, Tuple } from './observe.js';

type Loose = Readonly<Record<string, unknown>>;

/** The one possible answer, where nothing but the port is open. */
export function answerButPort({ because, either }: Loose): Loose | null {
  if (!Array.isArray(because) || because.length !== 1 || !Array.isArray(either) || either.length !== 1) return null;
  const answer: Loose = either[0];
  return answer['drawn'] === undefined ? null : answer;
}

/** The answer with the ports that the kernel chose; null where one of them is not of the range that was stated. */
export function withPorts(answer: Loose, { conntrack, sport, dport, icmp_id }: KernelAnswer): Loose | null {
  const { drawn, ...rest } = answer;
  const { src, dst }: Loose = isLoose(drawn) ? drawn : {};
  const reply = conntrack?.reply;
  if (reply === undefined || !lies(src, keyOf(reply, 'dport')) || !lies(dst, keyOf(reply, 'sport'))) return null;
  const both: Loose = isLoose(rest['conntrack']) ? rest['conntrack'] : {};
  const tuple = isLoose(both['reply']) ? both['reply'] : {};
  const filled = {
    ...(src === undefined ? {} : keyed(reply, 'dport')),
    ...(dst === undefined ? {} : keyed(reply, 'sport')),
    ...tuple,
  };
  const seen = Object.entries({ sport, dport, icmp_id }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(seen), ...rest, conntrack: { ...both, reply: filled } };
}

const isLoose = (value: unknown): value is Loose => typeof value === 'object' && value !== null;

const keyOf = (tuple: Tuple, side: 'sport' | 'dport'): number | undefined => tuple[side] ?? tuple.icmp_id;

function keyed(tuple: Tuple, side: 'sport' | 'dport'): Loose {
  return tuple[side] === undefined ? { icmp_id: tuple.icmp_id } : { [side]: tuple[side] };
}

function lies(range: unknown, key: number | undefined): boolean {
  if (range === undefined) return true;
  const [first, last]: readonly unknown[] = Array.isArray(range) ? range : [];
  return typeof first === 'number' && typeof last === 'number' && key !== undefined && first <= key && key <= last;
}
