/** `sysctl -w key=value`, `sysctl key=value`, `sysctl -p FILE`, and what is written into /proc/sys. sysctl(8), sysctl.conf(5). */
import { changeSysctl, done, type NetNs, refused, type Span, stopped } from '@coldtrace/core';
import { canonicalKey, isKey } from '../../sysctl/key.js';
import { readSetting } from '../../sysctl/setting-line.js';
import { badWords, type Call, next, type Result, type Tool, unsupported, unwritten } from '../call.js';
import type { ShellWord, Stretch } from '../shell/syntax.js';
import { linesIn } from './ip-batch.js';
import { takenValue } from './sysctl-value.js';

export const sysctl: Tool = (ns, call) => {
  let now = ns;
  let failed: string | null = null;
  const has = (option: RegExp) => call.args.some(({ text }) => option.test(text));
  const writes = has(/^(?:-[eqn]*w[weqn]*|--write)$/);
  const passes = has(/^(?:-[wqnp]*e[weqnp]*|--ignore)$/);
  const system = call.args.find(({ text }) => /^-(?:-system|-pattern|r)/.test(text));
  if (system !== undefined)
    return unsupported(
      `sysctl ${system.text}, which reads files that were not captured (sysctl -p FILE reads one),`,
      system,
    );
  const load = call.args.find(({ text }) => /^(?:-[eqn]*p|--load(?:=|$))/.test(text));
  if (load !== undefined) return loaded(ns, call, load, passes);
  if (writes && call.args.every(({ text }) => text.startsWith('-'))) return badWords('no variables specified');
  for (const word of call.args) {
    const { text } = word;
    if (/^(?:-[weqn]+|--write|--quiet|--ignore|--values)$/.test(text)) continue;
    if (text.startsWith('-')) continue;
    const equals = text.indexOf('=');
    if (equals < 0 && writes) return { ...badWords(`"${text}" must be of the form name=value`, word), left: now };
    const key = text.slice(0, equals).trim();
    if (equals >= 0 && !isKey(key)) return { ...badWords(`"${key}" is no parameter`, word), left: now };
    const result =
      equals < 0 ? shown(now, text) : set(now, canonicalKey(key), text.slice(equals + 1).trim(), call.span);
    if (result.kind === 'done') now = result.value;
    else if (result.kind !== 'refused') return result;
    else if (!passes) failed ??= result.why;
  }
  // Those behind one that fails are set all the same.
  return failed === null ? done(now) : stopped(failed, now);
};

/** What is asked for has to be there: a parameter, or parameters below the name. */
function shown(ns: NetNs, name: string): Result {
  const key = canonicalKey(name);
  const { byKey, state } = ns.sysctl;
  const there = byKey.has(key) || [...byKey.keys()].some((one) => one.startsWith(`${key}/`));
  if (there || state !== 'complete') return done(ns);
  return refused(`cannot stat /proc/sys/${key}: No such file or directory`);
}

function set(ns: NetNs, key: string, value: string, span: Span): Result {
  const taken = takenValue(key, value, ns.sysctl.byKey.get(key)?.value);
  return taken === null
    ? refused(`setting key "${key.replaceAll('/', '.')}": Invalid argument`)
    : changeSysctl(ns, key, taken, span);
}

/** `-p FILE…`, `-pFILE`, `--load=FILE`; without a file it is /etc/sysctl.conf. */
function loaded(ns: NetNs, call: Call, load: ShellWord, passes: boolean): Result {
  const behind = load.text.replace(/^(?:-[eqn]*p|--load=?)/, '');
  const named = call.args
    .filter((word) => word !== load && (word.text === '-' || !word.text.startsWith('-')))
    .map(({ text }) => text);
  const files = behind === '' ? named : [behind, ...named];
  let now: Result = done(ns);
  for (const path of files.length === 0 ? ['/etc/sysctl.conf'] : files) {
    const input = path === '-' ? call.input : call.written(path);
    if (input === null) return unsupported(unwritten(path), load);
    now = next(now, (before) => settings(before, call, input, passes));
  }
  return now;
}

/** A line that cannot be set is said, and the others are set all the same. A `-` before the name excuses a value, not a parameter that is not there. */
function settings(ns: NetNs, call: Call, input: Stretch, passes: boolean): Result {
  const { text } = call.file;
  let now = ns;
  let failed: string | null = null;
  for (const line of linesIn(text, input)) {
    const written = text.slice(line.start, line.end);
    if (/^\s*(?:;.*)?$/.test(written)) continue;
    if (/[*?[]/.test(written.split('=', 1)[0] ?? '')) return unsupported('a pattern of parameters', line);
    const setting = readSetting(written);
    if (setting === null) return badWords(`"${written.trim()}" sets no parameter`, line);
    const { key, value } = setting;
    const changed = set(now, key, value.trim(), { file: call.file.id, ...line });
    if (changed.kind === 'open') return changed;
    if (changed.kind === 'done') now = changed.value;
    else if (!passes) failed ??= changed.why;
  }
  return failed === null ? done(now) : stopped(failed, now);
}
