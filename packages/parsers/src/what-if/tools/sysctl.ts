/** `sysctl -w key=value`, `sysctl key=value`, and what is written into /proc/sys. sysctl(8). */
import { changeSysctl, done } from '@coldtrace/core';
import { canonicalKey, isKey } from '../../sysctl/key.js';
import { badWords, next, type Result, type Tool, unsupported } from '../call.js';

export const sysctl: Tool = (ns, call) => {
  let now: Result = done(ns);
  const has = (option: RegExp) => call.args.some(({ text }) => option.test(text));
  const writes = has(/^(?:-[eqn]*w[weqn]*|--write)$/);
  const passes = has(/^(?:-[wqn]*e[weqn]*|--ignore)$/);
  for (const word of call.args) {
    const { text } = word;
    if (/^(?:-[weqn]+|--write|--quiet|--ignore|--values)$/.test(text)) continue;
    if (/^-(?:p|-load|-system|-pattern)/.test(text)) return unsupported(`sysctl ${text}`, word);
    if (text.startsWith('-')) continue;
    const equals = text.indexOf('=');
    if (equals < 0 && writes) return badWords(`"${text}" must be of the form name=value`, word);
    if (equals < 0) continue;
    const key = text.slice(0, equals).trim();
    if (!isKey(key)) return badWords(`"${key}" is no parameter`, word);
    now = next(now, (before) => {
      const changed = changeSysctl(before, canonicalKey(key), text.slice(equals + 1).trim(), call.span);
      return changed.kind === 'refused' && passes ? done(before) : changed;
    });
  }
  return now;
};
