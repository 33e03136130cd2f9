/** Names one slip of the fingers apart: a character too many, too few, another one, or two swapped. F. J. Damerau, CACM 7 (1964). */

/** Exactly one edit lies between them. Linear. */
export function isOneEdit(left: string, right: string): boolean {
  if (left.length > right.length) return isOneEdit(right, left);
  if (right.length - left.length > 1 || left === right) return false;
  let same = 0;
  while (same < left.length && left.charCodeAt(same) === right.charCodeAt(same)) same++;
  if (left.length < right.length) return left.slice(same) === right.slice(same + 1);
  if (left.slice(same + 1) === right.slice(same + 1)) return true;
  const swapped = left[same] === right[same + 1] && left[same + 1] === right[same];
  return swapped && left.slice(same + 2) === right.slice(same + 2);
}

/** `--randomm-fully`: one character stands twice in a row, once too often. */
export function isDoubled(typed: string, name: string): boolean {
  if (typed.length !== name.length + 1) return false;
  let same = 0;
  while (same < name.length && typed.charCodeAt(same) === name.charCodeAt(same)) same++;
  return typed[same] === typed[same - 1] && typed.slice(same + 1) === name.slice(same);
}

/** They differ in one digit: `web1` and `web2` are two things more often than one thing misspelt. */
export function differInDigit(left: string, right: string): boolean {
  if (left.length > right.length) return differInDigit(right, left);
  let same = 0;
  while (same < left.length && left.charCodeAt(same) === right.charCodeAt(same)) same++;
  const here = right[same] ?? '';
  return isDigit(here) && (left.length < right.length || isDigit(left[same] ?? ''));
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

const longestName = 64;

/**
 * For each wanted name the candidates that are one edit away or differ in case only. Two names one edit apart become equal when the right
 * character is taken out of each, so a table of the wanted names without one character finds them without comparing all with all.
 */
export function nearestOf(
  wanted: ReadonlySet<string>,
  candidates: Iterable<string>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  if (wanted.size === 0) return found;
  const shorter = new Map<string, string[]>();
  const byCase = new Map<string, string[]>();
  for (const name of wanted) {
    if (name.length > longestName) continue;
    push(byCase, name.toLowerCase(), name);
    for (const key of withoutOne(name)) push(shorter, key, name);
  }
  for (const candidate of new Set(candidates)) {
    if (candidate.length > longestName) continue;
    const near = new Set(byCase.get(candidate.toLowerCase()));
    for (const key of withoutOne(candidate)) {
      for (const name of shorter.get(key) ?? []) if (isOneEdit(name, candidate)) near.add(name);
    }
    near.delete(candidate);
    for (const name of near) push(found, name, candidate);
  }
  return found;
}

function* withoutOne(name: string): Generator<string> {
  yield name;
  for (let at = 0; at < name.length; at++) yield name.slice(0, at) + name.slice(at + 1);
}

function push(map: Map<string, string[]>, key: string, name: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [name]);
  else if (list.at(-1) !== name) list.push(name);
}
