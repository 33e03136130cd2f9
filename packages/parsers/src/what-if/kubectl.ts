/** The words of kubectl: which of its commands change API objects that a snapshot shows. kubectl(1). */
import { objectsIn, objectsNamed, putObjects } from './api-objects.js';
import { type Bench, readWritten, report, type Site } from './bench.js';
import { unwritten } from './call.js';
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
const partial = new Set(['edit', 'set']);
/** Where new pods may go: packets go as before. */
const scheduling = new Set(['cordon', 'uncordon', 'taint']);
const daemonic = new Set(['rollout', 'scale', 'exec', 'drain', 'run', 'expose', 'cp', 'debug', 'autoscale']);

/** Whether it was done. */
export function runKubectl(
  bench: Bench,
  site: Site,
  args: readonly ShellWord[],
  input: Stretch | null,
  at: Stretch,
): boolean {
  const words = readKubectlWords(args);
  const [verb, kind, name] = words.plain.map(({ text }) => text);
  if (verb === undefined || idle.has(verb) || isDry(words)) return true;
  if (verb === 'patch') return runPatch(bench, words, at);
  if (verb === 'label') return runMark(bench, words, 'labels', at);
  if (verb === 'annotate') return runMark(bench, words, 'annotations', at);
  if (verb === 'apply' || verb === 'create' || verb === 'replace') return put(bench, site, words, input, at);
  if (verb === 'delete' && words.selector === null && kind !== undefined && !words.fromInput)
    return remove(bench, words, kind, name, at);
  if (scheduling.has(verb)) return schedule(bench, words, at);
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

/** Nothing that a packet meets changes; `NoExecute` has pods stopped, which is a daemon's doing. */
function schedule(bench: Bench, { plain, selector }: KubectlWords, at: Stretch): boolean {
  const [verb, ...rest] = plain.map(({ text }) => text);
  const names = verb === 'taint' ? rest.slice(/^nodes?$/.test(rest[0] ?? '') ? 1 : 0).slice(0, 1) : rest;
  const evicts = verb === 'taint' && rest.some((text) => /:NoExecute$/.test(text));
  const unknown = names.find((name) => !isNode(bench, name));
  if (evicts) report(bench, 'daemon', at, { command: 'kubectl taint … NoExecute' });
  else if (selector === null && unknown !== undefined)
    report(bench, 'not-captured', at, { tool: 'kubectl', why: `the snapshot shows no node ${unknown}` });
  else if (selector === null && names.length === 0)
    report(bench, 'bad-words', at, { tool: 'kubectl', why: 'the name of a node is missing' });
  else return true;
  return false;
}

function isNode({ nodes, objects }: Bench, name: string): boolean {
  const plain = name.replace(/^nodes?\//, '');
  return nodes.some((node) => node.name === plain) || objectsNamed(objects, 'node', plain, null).length > 0;
}

function put(
  bench: Bench,
  site: Site,
  { namespace, fromInput, options }: KubectlWords,
  given: Stretch | null,
  at: Stretch,
): boolean {
  const path = options.get('filename')?.text ?? '';
  const input = fromInput ? given : readWritten(bench, site, path);
  if (input === null) {
    const what = fromInput || path === '' ? 'kubectl apply of anything but a here-document' : unwritten(path);
    report(bench, 'unsupported', at, { what });
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
