/** Files that show a whole machine each, `node-1.log` beside `node-2.log`: told apart by what their outputs say, since one folder holds them all. */
import { type Contribution, showsNode } from './contribution.js';
import { agreement, type Identity, newIdentity, note } from './identity.js';
import { nameSaidIn } from './own-names.js';

interface Machine {
  readonly identity: Identity;
  readonly paths: string[];
  name: string | null;
}

/** Names by path; none where the files may be of one machine. `outputs`: what the files of one folder contribute, as they stand. */
export function wholeMachines(outputs: readonly (readonly Contribution[])[]): ReadonlyMap<string, string> {
  const files = new Map<string, (readonly Contribution[])[]>();
  for (const output of outputs) {
    const [one] = output;
    if (one === undefined || one.where.netns !== null) continue;
    files.set(one.path, [...(files.get(one.path) ?? []), output]);
  }
  const machines: Machine[] = [];
  for (const [path, own] of files) if (isWhole(own)) place(machines, path, own.flat());
  if (machines.length < 2) return new Map();
  return new Map(machines.flatMap(({ name, paths }) => paths.map((path) => [path, name ?? stemOf(paths[0] ?? path)])));
}

/** A file with one kind of output is one of the dumps of a machine. */
function isWhole(outputs: readonly (readonly Contribution[])[]): boolean {
  const shown = outputs.filter((output) => output.some(({ facts }) => showsNode(facts) && isOfMachine.has(facts.kind)));
  return new Set(shown.map(([one]) => one?.facts.kind)).size >= fewest;
}

const fewest = 3;
const isOfMachine: ReadonlySet<string> = new Set([
  'addresses',
  'fdb',
  'hostname',
  'kernel',
  'links',
  'neighbours',
  'policy-rules',
  'routes',
  'ruleset',
  'sockets',
  'sysctls',
]);

function place(machines: Machine[], path: string, outputs: readonly Contribution[]): void {
  const name = nameSaidIn(outputs);
  const same = machines.find((one) =>
    name !== null && one.name !== null ? name === one.name : agreement(one.identity, outputs).against === null,
  );
  const machine = same ?? { identity: newIdentity(), paths: [], name };
  if (same === undefined) machines.push(machine);
  machine.paths.push(path);
  machine.name ??= name;
  note(machine.identity, outputs);
}

function stemOf(path: string): string {
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last.replace(/\.(?:txt|log|out|md)$/i, '');
}
