/** `kubectl patch|label|annotate`: a part of an API object is changed. What controllers make of it later is not carried out. */
import type { KubeObject, YamlEntry, YamlValue } from '@coldtrace/core';
import { field, textAtPath, textOf } from '../yaml/access.js';
import { readYaml } from '../yaml/read.js';
import { objectsNamed } from './api-objects.js';
import { type Bench, report, spanIn } from './bench.js';
import type { KubectlWords } from './kubectl-words.js';
import { bodyOf, isSameObject, versionOf, withBody } from './object-body.js';
import { jsonPatch, mergePatch, type Patched, strategicPatch } from './patch.js';
import type { ShellWord, Stretch } from './shell/syntax.js';

/** Whether it was done. */
export function runPatch(bench: Bench, words: KubectlWords, at: Stretch): boolean {
  const target = soleTarget(bench, words, words.plain.slice(1), at);
  const patch = target === null ? null : givenPatch(bench, words, at);
  if (target === null || patch === null) return false;
  const type = words.options.get('type')?.text ?? 'strategic';
  const patched = patchedBy(type, target, patch, words.options.has('subresource'));
  return settlePatch(bench, target, patched, at);
}

interface Target {
  readonly object: KubeObject;
  readonly body: YamlValue;
}

function patchedBy(type: string, { object, body }: Target, patch: YamlValue, ofStatus: boolean): Patched {
  if (!ofStatus && touchesStatus(patch))
    return {
      kind: 'unsupported',
      what: 'a patch of status (which the API server drops unless --subresource=status is given)',
    };
  if (type === 'merge') return { kind: 'done', value: mergePatch(body, patch) };
  if (type === 'json') return jsonPatch(body, patch);
  if (type !== 'strategic')
    return { kind: 'refused', why: `--type must be one of json, merge, strategic, not "${type}"` };
  if (builtIn.test(versionOf(object, body))) return strategicPatch(body, patch);
  return { kind: 'refused', why: 'kinds of a CustomResourceDefinition take no strategic patch (--type merge or json)' };
}

/** Groups of the API itself: only of these the server knows how lists merge. */
const builtIn =
  /^(?:v\d\w*$|(?:apps|batch|autoscaling|policy|extensions)\/|(?:networking|discovery|rbac\.authorization|storage|coordination|events|node|scheduling)\.k8s\.io\/)/;

function touchesStatus(patch: YamlValue): boolean {
  if (patch.kind !== 'list') return field(patch, 'status') !== null;
  return patch.items.some((operation) => /^\/status(?:\/|$)/.test(textAtPath(operation, 'path') ?? ''));
}

function settlePatch(bench: Bench, { object, body }: Target, patched: Patched, at: Stretch): boolean {
  if (patched.kind === 'unsupported') report(bench, 'unsupported', at, { what: patched.what });
  else if (patched.kind === 'refused') report(bench, 'refused', at, { tool: 'kubectl', why: patched.why });
  else if (!isSameObject(body, patched.value))
    report(bench, 'refused', at, {
      tool: 'kubectl',
      why: 'the name, namespace and kind of an object stay as they are',
    });
  else {
    const made = withBody(object, patched.value);
    bench.objects = bench.objects.map((one) => (one === object ? made : one));
    return true;
  }
  return false;
}

/** `kubectl label|annotate KIND NAME… KEY=VALUE KEY-`. */
export function runMark(bench: Bench, words: KubectlWords, place: 'labels' | 'annotations', at: Stretch): boolean {
  const [, ...rest] = words.plain;
  const marks = rest.filter(({ text }) => isMark(text));
  const names = rest.filter(({ text }) => !isMark(text));
  const [kind, ...several] = names;
  const targets =
    kind === undefined || kind.text.includes('/') ? names.map((name) => [name]) : several.map((name) => [kind, name]);
  if (marks.length === 0 || targets.length === 0 || words.selector !== null) {
    report(bench, 'bad-words', at, {
      tool: 'kubectl',
      why: `one kind, its names and at least one of ${place} are needed`,
    });
    return false;
  }
  return targets.every((named) => {
    const target = soleTarget(bench, words, named, at);
    return target !== null && settlePatch(bench, target, marked(bench, target, words, place, marks), at);
  });
}

function isMark(text: string): boolean {
  return text.includes('=') || /.-$/.test(text);
}

function marked(
  bench: Bench,
  { body }: Target,
  { options }: KubectlWords,
  place: string,
  marks: readonly ShellWord[],
): Patched {
  const entries: YamlEntry[] = [];
  for (const mark of marks) {
    const span = spanIn(bench, mark);
    const [, key = '', sign, value = ''] = /^([^=]*?)(=|-$)([\s\S]*)$/.exec(mark.text) ?? [];
    const before = textOf(field(body, 'metadata', place, key));
    if (sign === '=' && before !== null && before !== value && !options.has('overwrite'))
      return { kind: 'refused', why: `--overwrite is false, and ${key} has a value already (${before})` };
    const now = sign === '=' ? value : null;
    entries.push({ key, keySpan: span, value: { kind: 'scalar', value: now, text: value, span } });
  }
  const [first] = entries;
  const span = first?.keySpan ?? spanIn(bench, { start: 0, end: 0 });
  const inside = (key: string, value: YamlValue): YamlValue => ({
    kind: 'map',
    entries: [{ key, keySpan: span, value }],
    span,
  });
  return { kind: 'done', value: mergePatch(body, inside('metadata', inside(place, { kind: 'map', entries, span }))) };
}

function soleTarget(
  bench: Bench,
  { namespace, selector }: KubectlWords,
  named: readonly ShellWord[],
  at: Stretch,
): Target | null {
  const parts = named.flatMap(({ text }) => text.split('/'));
  const [kind, name, more] = parts;
  if (kind === undefined || name === undefined || name === '' || more !== undefined || selector !== null) {
    report(bench, 'bad-words', at, { tool: 'kubectl', why: 'one kind and one name are needed' });
    return null;
  }
  const objects = objectsNamed(bench.objects, kind, name, namespace);
  for (const object of objects) {
    const body = bodyOf(object, bench.files);
    if (body !== null) return { object, body };
  }
  const why =
    objects.length === 0
      ? `the snapshot shows no ${kind} ${name}`
      : `the snapshot does not show all of ${kind} ${name}; kubectl get ${kind} ${name} -o yaml does`;
  report(bench, 'not-captured', at, { tool: 'kubectl', why });
  return null;
}

function givenPatch(bench: Bench, { options }: KubectlWords, at: Stretch): YamlValue | null {
  const word = options.get('patch') ?? null;
  if (word === null) {
    const what = options.has('patch-file') ? 'kubectl patch with a patch in a file' : null;
    if (what !== null) report(bench, 'unsupported', at, { what });
    else report(bench, 'bad-words', at, { tool: 'kubectl', why: 'a patch is needed (-p)' });
    return null;
  }
  const { start, end } = word.content ?? word;
  const { documents } = readYaml({
    file: bench.file.id,
    text: word.text,
    base: word.content === null ? null : start,
    at: (offset) => Math.min(start + offset, end),
  });
  const value = documents[0]?.value ?? null;
  if (documents.length === 1 && (value?.kind === 'map' || value?.kind === 'list')) return value;
  report(bench, 'bad-words', word, { tool: 'kubectl', why: 'the patch is neither JSON nor YAML of a map or a list' });
  return null;
}
