/** Containers and pod sandboxes of one machine: two listings that each may be whole, `crictl ps` and `crictl pods`. */
import { absent, type Container, type Dump } from '@coldtrace/core';
import { mergeRows, type Part } from './merge-rows.js';

export function mergeContainers(parts: readonly Part<Container>[]): Dump<Container> {
  const ofPods = (part: Part<Container>) =>
    part.rows.length > 0 && part.rows.every(({ id, sandboxId }) => id === sandboxId);
  const dumps = [parts.filter(ofPods), parts.filter((part) => !ofPods(part))]
    .filter((group) => group.length > 0)
    .map((group) => mergeRows(group, ({ id }) => id));
  const [first, second] = dumps;
  if (first === undefined) return absent;
  if (second === undefined) return first;
  const known = new Set(first.rows.map(({ id }) => id));
  return {
    state: first.state === 'complete' && second.state === 'complete' ? 'complete' : 'partial',
    rows: [...first.rows, ...second.rows.filter(({ id }) => !known.has(id))],
    sources: [...first.sources, ...second.sources],
  };
}
