/** Ranges of numbers cut into pieces within which the same rules stand: `--dport 30000:32767`, `--dports 80,443,8000:8010`. */
import type { NumberRange, Pin } from '../pin.js';
import type { Parts, RuleNode } from './rule-tree.js';

/** Above so many entries per rule the table is left with one piece for all. */
const mostPerRule = 16;

export function intervalParts(
  held: Int32Array,
  pinOf: (rule: number) => Pin | undefined,
  grow: (rules: Int32Array) => RuleNode,
): Parts {
  const ranges = Array.from(held, (rule) => rangesOf(pinOf(rule)));
  const starts = Int32Array.from(new Set(ranges.flatMap((own) => own.flatMap(({ first, last }) => [first, last + 1]))));
  starts.sort();
  const rules = starts.length === 0 ? null : placed(held, ranges, starts);
  if (rules === null) return whole(held, ranges);
  const nodes = rules.map((some) => (some.length === 0 ? null : grown(some, held, grow)));
  return { kind: 'intervals', starts, nodes };
}

/** A piece with all the rules would only be asked the same again. */
function grown(some: readonly number[], held: Int32Array, grow: (rules: Int32Array) => RuleNode): RuleNode {
  const rules = Int32Array.from(some);
  return some.length === held.length ? { rules, split: null } : grow(rules);
}

function placed(
  held: Int32Array,
  ranges: readonly (readonly NumberRange[])[],
  starts: Int32Array,
): readonly (readonly number[])[] | null {
  const places = new Map<number, number>();
  starts.forEach((start, place) => void places.set(start, place));
  const rules: number[][] = Array.from(starts, () => []);
  let left = held.length * mostPerRule;
  for (const [at, rule] of held.entries()) {
    for (const { first, last } of ranges[at] ?? []) {
      const end = places.get(last + 1) ?? 0;
      for (let place = places.get(first) ?? 0; place < end; place++) {
        const piece = rules[place];
        if (piece === undefined || piece.at(-1) === rule) continue;
        if (left-- <= 0) return null;
        piece.push(rule);
      }
    }
  }
  return rules;
}

function whole(held: Int32Array, ranges: readonly (readonly NumberRange[])[]): Parts {
  const all = ranges.flat();
  const first = all.reduce((least, range) => Math.min(least, range.first), 0x10000);
  const end = all.reduce((most, range) => Math.max(most, range.last + 1), 0);
  return { kind: 'intervals', starts: Int32Array.of(first, end), nodes: [{ rules: held, split: null }, null] };
}

function rangesOf(pin: Pin | undefined): readonly NumberRange[] {
  return pin?.kind === 'number' ? pin.ranges : [];
}
