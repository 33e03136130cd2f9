/** The words of kubectl: which of its commands change API objects that a snapshot shows. kubectl(1). */
import { objectsIn, objectsNamed, putObjects } from './api-objects.js';
import { type Bench, report } from './bench.js';
import { type KubectlWords, readKubectlWords } from './kubectl-words.js';
import { runMark, runPatch } from './object-changes.js';
import type { ShellWord, Stretch } from './shell/syntax.js';

const idle = new Set([
  'get',
  'describe',
  'logs',
  'version',
  'cluster-info',
  'config',
  'explain',
  'top',
  'auth',
  'api-resources',
  'wait',
  'diff',
]);
/** What they change is in the object, and the snapshot has it. */
const partial = new Set(['edit', 'set', 'taint', 'cordon', 'uncordon']);
const daemonic = new Set(['rollout', 'scale', 'exec', 'drain', 'run', 'expose', 'cp', 'debug', 'autoscale']);

/** Whether it was done. */
export function runKubectl(bench: Bench, args: readonly ShellWord[], input: Stretch | null, at: Stretch): boolean {
  const words = readKubectlWords(args);
  const [verb, kind, name] = words.plain.map(({ text }) => text);
  if (verb === undefined || idle.has(verb) || isDry(words)) return true;
  if (verb === 'patch') return runPatch(bench, words, at);
  if (verb === 'label') return runMark(bench, words, 'labels', at);
  if (verb === 'annotate') return runMark(bench, words, 'annotations', at);
  if (verb === 'apply' || verb === 'create' || verb === 'replace') return put(bench, words, input, at);
  if (verb === 'delete' && words.selector === null && kind !== undefined && !words.fromInput)
    return remove(bench, words, kind, name, at);
  if (partial.has(verb)) {
    report(bench, 'part-of-object', at, { command: `kubectl ${verb}` });
    return false;
  }
  const code = daemonic.has(verb) || verb === 'delete' ? 'daemon' : 'unsupported';
  report(bench, code, at, code === 'daemon' ? { command: `kubectl ${verb}` } : { what: `kubectl ${verb}` });
  return false;
}

/** `--dry-run=client`: it is only tried. */
function isDry({ options }: KubectlWords): boolean {
  return options.has('dry-run') && options.get('dry-run')?.text !== 'none';
}

function put(bench: Bench, { namespace, fromInput }: KubectlWords, input: Stretch | null, at: Stretch): boolean {
  if (!fromInput || input === null) {
    report(bench, 'unsupported', at, { what: 'kubectl apply of anything but a here-document' });
    return false;
  }
  const objects = objectsIn(bench.files, bench.file, input);
  if (objects.length === 0) {
    report(bench, 'bad-words', input, { tool: 'kubectl', why: 'no API object can be read here' });
    return false;
  }
  bench.objects = putObjects(bench.objects, objects, namespace);
  return true;
}

/** `kubectl delete KIND NAME…` and `KIND/NAME`. */
function remove(
  bench: Bench,
  { plain, namespace }: KubectlWords,
  kind: string,
  name: string | undefined,
  at: Stretch,
): boolean {
  const slash = kind.indexOf('/');
  const type = slash < 0 ? kind : kind.slice(0, slash);
  const names = slash < 0 ? plain.slice(2).map(({ text }) => text) : [kind.slice(slash + 1)];
  if (names.length === 0 || name === '') {
    report(bench, 'bad-words', at, { tool: 'kubectl', why: 'resource(s) were provided, but no name was specified' });
    return false;
  }
  for (const one of names) {
    const gone = objectsNamed(bench.objects, type, one, namespace);
    if (gone.length === 0) {
      report(bench, 'not-captured', at, { tool: 'kubectl', why: `the snapshot shows no ${type} ${one}` });
      return false;
    }
    bench.objects = bench.objects.filter((object) => !gone.includes(object));
  }
  return true;
}
