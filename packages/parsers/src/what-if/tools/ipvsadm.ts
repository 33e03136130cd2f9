/** `ipvsadm -A|-E|-D|-a|-e|-d|-C`, and `-R` with its lines in a here-document. ipvsadm(8). */
import { clearIpvs, done, type IpvsVerb, type NetNs, putServer, putVirtual, type Span, stopped } from '@coldtrace/core';
import { readSaveLine } from '../../ipvs/save-line.js';
import { badWords, type Call, type Result, type Tool, unsupported } from '../call.js';
import type { Stretch } from '../shell/syntax.js';

interface Action {
  readonly verb: IpvsVerb;
  readonly of: 'service' | 'server';
}

const actions: ReadonlyMap<string, Action> = new Map([
  ['-A', { verb: 'add', of: 'service' }],
  ['--add-service', { verb: 'add', of: 'service' }],
  ['-E', { verb: 'edit', of: 'service' }],
  ['--edit-service', { verb: 'edit', of: 'service' }],
  ['-D', { verb: 'delete', of: 'service' }],
  ['--delete-service', { verb: 'delete', of: 'service' }],
  ['-a', { verb: 'add', of: 'server' }],
  ['--add-server', { verb: 'add', of: 'server' }],
  ['-e', { verb: 'edit', of: 'server' }],
  ['--edit-server', { verb: 'edit', of: 'server' }],
  ['-d', { verb: 'delete', of: 'server' }],
  ['--delete-server', { verb: 'delete', of: 'server' }],
]);

export const ipvsadm: Tool = (ns, call) => {
  const words = call.args.map(({ text }) => text);
  const [verb = ''] = words;
  if (/^(?:-[LlSnZ]+|--list|--save|--zero|-ln|-Ln|-Sn)$/.test(verb)) return done(ns);
  if (verb === '-C' || verb === '--clear') return done(clearIpvs(ns));
  if (verb === '-R' || verb === '--restore') {
    return call.input === null
      ? unsupported('ipvsadm -R from a file', call.args[0] ?? null)
      : restore(ns, call, call.input);
  }
  return run(ns, words, call.span, call.args[0] ?? null);
};

function restore(ns: NetNs, { file }: Call, { start, end }: Stretch): Result {
  let now: Result = done(ns);
  for (let from = start; from < end && now.kind === 'done'; ) {
    const feed = file.text.indexOf('\n', from);
    const to = feed < 0 || feed > end ? end : feed;
    const words = file.text.slice(from, to).trim().split(/\s+/);
    const stretch = { start: from, end: to };
    if ((words[0] ?? '') !== '') {
      const before = now.value;
      now = run(before, words, { file: file.id, ...stretch }, stretch);
      // What stands before the line that fails is done.
      if (now.kind === 'refused') return stopped(now.why, before);
    }
    from = to + 1;
  }
  return now;
}

function run(ns: NetNs, [verb = '', ...rest]: readonly string[], span: Span, at: Stretch | null): Result {
  const action = actions.get(verb);
  if (action === undefined) return unsupported(`ipvsadm ${verb}`.trim(), at);
  // The grammar of a saved line serves the other verbs too.
  const read = readSaveLine(`${action.of === 'service' ? '-A' : '-a'} ${rest.join(' ')}`);
  if (read === null) return badWords('a service is needed', at);
  if (read.kind === 'named') return badWords(`illegal virtual server address[:port] specified: ${read.text}`, at);
  if (read.kind === 'unknown') return badWords(`unknown option ${read.option}`, at);
  if (read.kind === 'service') return putVirtual(ns, { ...read.service, span }, action.verb);
  return putServer(ns, read.key, { ...read.server, span }, action.verb);
}
