/** `ipset COMMAND`, and `ipset restore` with its lines in a here-document. ipset(8). */
import {
  addElements,
  createSet,
  deleteElements,
  destroySet,
  destroySets,
  done,
  findSet,
  flushSet,
  flushSets,
  hasElements,
  type IpSet,
  type NetNs,
  refused,
  renameSet,
  type SetElement,
  type Span,
  setTypeNamed,
  stopped,
  swapSets,
} from '@coldtrace/core';
import { readMember, toElement } from '../../ipset/member.js';
import { badWords, type Call, type Fault, next, type Result, type Tool, unsupported, unwritten } from '../call.js';
import type { ShellWord, Stretch } from '../shell/syntax.js';
import { newSet } from './ipset-create.js';

const verbs: ReadonlyMap<string, string> = new Map(
  [
    'create -N n',
    'add -A',
    'del -D',
    'flush -F',
    'destroy -X x',
    'rename -E e',
    'swap -W w',
    'test -T',
    'list -L l',
    'save -S',
    'restore -R',
    'version',
    'help',
  ].flatMap((names) =>
    names
      .split(' ')
      .flatMap((name, _, all) => [[name, all[0] ?? name] as const, [`--${name}`, all[0] ?? name] as const]),
  ),
);

export const ipset: Tool = (ns, call) => {
  const { args, input } = call;
  const verb = verbs.get(args.find(({ text }) => verbs.has(text))?.text ?? '');
  if (verb !== 'restore')
    return runWords(
      ns,
      call,
      args.map(({ text }) => text),
      call.span,
      memberStretch(args),
    );
  const at = args.findIndex(({ text }) => /^-(?:f|file|-file)$/.test(text));
  const file = at < 0 ? undefined : args[at + 1];
  const lines = at < 0 ? input : call.written(file?.text ?? '');
  if (lines === null)
    return unsupported(
      file === undefined ? 'ipset restore from a file' : unwritten(file.text),
      file ?? args[0] ?? null,
    );
  return restore(
    ns,
    call,
    lines,
    args.some(({ text }) => isExist(text)),
  );
};

const isExist = (text: string): boolean => text === '-exist' || text === '-!' || text === '--exist';

/**
 * Each line is a command without the word `ipset`; the first that fails ends it, and what was done before stays. Elements wait for a command of another
 * kind or for one that the kernel refuses: what ipset itself refuses loses those that wait. lib/session.c ipset_cmd().
 */
function restore(ns: NetNs, call: Call, { start, end }: Stretch, exist: boolean): Result {
  const { text } = call.file;
  let now = ns;
  let sent = ns;
  let last = '';
  for (let from = start; from < end; ) {
    const feed = text.indexOf('\n', from);
    const to = feed < 0 || feed > end ? end : feed;
    const line = text.slice(from, to).trim();
    const words = line.split(/\s+/);
    const stretch = { start: from, end: to };
    from = to + 1;
    if (line === '' || line.startsWith('#') || line === 'COMMIT') continue;
    const own = words.filter((word) => !isOption(word));
    const kind = `${verbs.get(own[0] ?? '') ?? ''} ${own[1] ?? ''}`;
    const isElement = /^(?:add|del) /.test(kind);
    const all = exist ? [...words, '-exist'] : words;
    const result = runWords(now, call, all, { file: call.file.id, ...stretch }, restStretch(text, stretch.start, to));
    if (result.kind === 'open') return result;
    if (result.kind === 'fault') return { ...result, at: result.at ?? stretch, left: sent };
    // A set that is not there ipset finds out by asking, before it sends what waits.
    if (result.kind === 'refused')
      return stopped(result.why, isElement && findSet(now, own[1] ?? '').kind !== 'done' ? sent : now);
    if (!isElement) sent = result.value;
    else if (kind !== last) sent = now;
    last = kind;
    now = result.value;
  }
  return done(now);
}

/** Where the element and its attributes stand: behind the name of the set. */
function memberStretch(args: readonly ShellWord[]): Stretch | null {
  const at = args.findIndex(({ text }) => verbs.has(text));
  const own = args.slice(at + 1).filter(({ text }) => !isOption(text));
  const [, first] = own;
  const last = own.at(-1);
  return first === undefined || last === undefined ? null : { start: first.start, end: last.end };
}

function restStretch(text: string, from: number, to: number): Stretch | null {
  const found = /^\s*(?:-\S+\s+)*\S+\s+(?:-(?:exist|!)\s+)?\S+\s+/.exec(text.slice(from, to));
  const start = found === null ? to : from + found[0].length;
  const end = from + text.slice(from, to).trimEnd().length;
  return start < end ? { start, end } : null;
}

const isOption = (text: string): boolean => isExist(text) || text === '-q' || text === '-quiet' || text === '--quiet';

function runWords(ns: NetNs, call: Call, all: readonly string[], span: Span, member: Stretch | null): Result {
  const exist = all.some(isExist);
  const words = all.filter((text) => !isOption(text));
  const verb = verbs.get(words[0] ?? '');
  const [, name, other, ...rest] = words;
  const extra = words[1 + (mostNames.get(verb ?? '') ?? words.length)];
  if (extra !== undefined) return badWords(`Unknown argument ${extra}`);
  if (verb === undefined) return badWords(`No command specified: unknown argument ${words[0] ?? ''}`);
  if (verb === 'list' || verb === 'save' || verb === 'version' || verb === 'help')
    return name === undefined || name.startsWith('-') ? done(ns) : next(findSet(ns, name), () => done(ns));
  if (name === undefined) return forAll(ns, verb);
  const named = verb === 'create' ? name : verb === 'rename' ? (other ?? '') : '';
  if (named.length > longestName)
    return badWords(`Syntax error: setname '${named}' is longer than ${longestName} characters`);
  if (verb === 'create') {
    const made = newSet(name, other ?? '', rest, span);
    return isFault(made) ? made : createSet(ns, made, exist);
  }
  const found = findSet(ns, name);
  if (verb === 'destroy' && exist && found.kind === 'refused') return done(ns);
  return next(found, (set): Result => {
    switch (verb) {
      case 'flush':
        return done(flushSet(ns, set));
      case 'destroy':
        return destroySet(ns, set);
      case 'rename':
        return renameSet(ns, set, other ?? '');
      case 'swap':
        return next(findSet(ns, other ?? ''), (second) => swapSets(ns, set, second));
      default: {
        const element = elementOf(call, set, member, span);
        return isFault(element) ? element : withElement(ns, verb, set, element, exist);
      }
    }
  });
}

/** How many names stand behind these. */
const mostNames: ReadonlyMap<string, number> = new Map([
  ['flush', 1],
  ['destroy', 1],
  ['rename', 2],
  ['swap', 2],
]);

const longestName = 31;

function isFault(value: object): value is Fault {
  return 'kind' in value && value.kind === 'fault';
}

function forAll(ns: NetNs, verb: string): Result {
  if (verb === 'flush') return done(flushSets(ns));
  return verb === 'destroy' ? destroySets(ns) : badWords('Missing mandatory argument to command');
}

function withElement(ns: NetNs, verb: string, set: IpSet, element: SetElement, exist: boolean): Result {
  if (verb === 'add') return addElements(ns, set, element, exist);
  if (verb === 'del') return deleteElements(ns, set, element, exist);
  return next(hasElements(set, element), (there) =>
    there ? done(ns) : refused(`the element is NOT in set ${set.name}.`),
  );
}

function elementOf({ file }: Call, set: IpSet, member: Stretch | null, span: Span): SetElement | Fault {
  const type = setTypeNamed(set.type);
  if (type === undefined) return unsupported(`a set of type ${set.type}`);
  if (member === null) return badWords('Missing second mandatory argument to command');
  const read = readMember(file.text, member.start, member.end, { type, family: set.family }, set.timeout || null);
  if (read === null || !endsThere(file.text, read.end, member.end))
    return badWords(`Syntax error: cannot parse ${file.text.slice(member.start, member.end)}`, member);
  const { attributes } = read;
  if (attributes.before !== null || attributes.after !== null) return unsupported('a place in a list:set', member);
  if (attributes.nomatch && !/^hash:.*net/.test(set.type)) return badWords("Unknown argument: `nomatch'", member);
  if (set.type === 'list:set' && read.parts.some((part) => part.kind === 'set' && part.name.includes(',')))
    return badWords('you must specify elements as setname,[before|after],setname', member);
  const has = (option: string) => set.options.some(([name]) => name === option);
  if (attributes.timeout !== null && set.timeout === null)
    return badWords('Timeout cannot be used: set was created without timeout support', member);
  if (attributes.comment !== null && !has('comment'))
    return badWords('Comment cannot be used: set was created without comment support', member);
  if (attributes.packets !== null && !has('counters'))
    return badWords('Packet/byte counters cannot be used: set was created without counter support', member);
  const element = toElement(read, span, 'captured');
  return has('counters') ? { ...element, packets: element.packets ?? 0, bytes: element.bytes ?? 0 } : element;
}

/** `-exist` may stand behind the element. */
function endsThere(text: string, end: number, to: number): boolean {
  return /^\s*(?:-exist|-!)?\s*$/.test(text.slice(end, to));
}
