/** `kube-proxy --…` and `kubelet --…` command lines, wherever they stand: a prompt, a unit's ExecStart, a line of ps. */
import type { ComponentConfig, ConfigProblem, Span, YamlEntry, YamlValue } from '@coldtrace/core';
import { type Word, wordsOf } from '../text/words.js';
import { isLeaf } from './fields.js';
import { kubeletFlags, kubeProxyFlags } from './flag-tables.js';
import { nearestName } from './nearest.js';
import { fieldsOf, validateConfig } from './validate.js';

type Component = ComponentConfig['component'];

const programs: Readonly<Record<string, Component>> = { 'kube-proxy': 'kube-proxy', kubelet: 'kubelet' };

interface Flag {
  readonly name: string;
  readonly value: string;
  readonly nameSpan: Span;
  readonly valueSpan: Span;
  /** `false` in `--masquerade-all false`: a word of its own, which the switch does not take. */
  readonly behind: Span | null;
}

/** The configuration that a command line states; null when it runs neither program or gives no flag. Offsets are those of the file. */
export function configOfCommandLine(text: string, start: number, file: number): ComponentConfig | null {
  const words = wordsOf({ text, start }).map(bare);
  const at = words.findIndex((word, index) => programAt(word.text, words[index - 1]?.text) !== null);
  const component = programAt(words[at]?.text ?? '', words[at - 1]?.text);
  if (component === null) return null;
  const table = component === 'kube-proxy' ? kubeProxyFlags : kubeletFlags;
  const flags = flagsOf(words.slice(at + 1), file, (name) => typeOf(component, fieldOf(table, name)) === 'boolean');
  const last = words.at(-1);
  if (flags.length === 0 || last === undefined) return null;
  const span = { file, start: words[at]?.start ?? start, end: last.end };
  const unknown = component === 'kube-proxy' ? flags.filter((flag) => !Object.hasOwn(table, flag.name)) : [];
  const body = bodyOf(flags, table, component, span);
  return {
    component,
    origin: 'flags',
    apiVersion: null,
    body,
    problems: [
      ...validateConfig(component, body).filter(
        ({ kind, span }) => kind !== 'unknown-field' && !isVariable(span, flags),
      ),
      ...unknown.map((flag) => unknownFlag(flag, Object.keys(table))),
      ...(component === 'kube-proxy' ? flags.flatMap(strayWord) : []),
    ],
    span,
  };
}

/** `$MODE`, `${MODE}` of a unit or script, `$(MODE)` of a pod: its value stands elsewhere, so that nothing is wrong with it here. */
function isVariable(span: Span, flags: readonly Flag[]): boolean {
  return flags.some(({ value, valueSpan }) => valueSpan.start === span.start && /\$[\w{(]/.test(value));
}

/** `hyperkube proxy` is kube-proxy. */
function programAt(word: string, before: string | undefined): Component | null {
  if (word === 'proxy' && before !== undefined && /(?:^|\/)hyperkube$/.test(before.slice(-300))) return 'kube-proxy';
  return programOf(word);
}

/** A word that is quoted as a whole, as installers write each argument of a unit. */
function bare(word: Word): Word {
  const text = unquote(word.text);
  return text === word.text ? word : { text, start: word.start + 1, end: word.end - 1 };
}

function programOf(word: string): Component | null {
  if (word.length > 300) return null;
  const name = word.slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('=')) + 1);
  return Object.hasOwn(programs, name) ? (programs[name] ?? null) : null;
}

/** `--name=value`, `--name value`, `--name` alone (true: a switch takes no word that follows); a name has at least two letters. */
function flagsOf(words: readonly Word[], file: number, isSwitch: (name: string) => boolean): readonly Flag[] {
  const flags: Flag[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined || word.text === '|' || word.text === ';' || word.text === '&&') break;
    if (!word.text.startsWith('-')) continue;
    const dashes = word.text.startsWith('--') ? 2 : 1;
    const equals = word.text.indexOf('=');
    const nameEnd = equals < 0 ? word.text.length : equals;
    const name = word.text.slice(dashes, nameEnd);
    if (!/^[a-zA-Z][\w-]*$/.test(name)) continue;
    const nameSpan = { file, start: word.start, end: word.start + nameEnd };
    const next = words[at + 1];
    if (equals >= 0) {
      const valueSpan = { file, start: word.start + equals + 1, end: word.end };
      flags.push({ name, value: unquote(word.text.slice(equals + 1)), nameSpan, valueSpan, behind: null });
    } else if (next !== undefined && !isSwitch(name) && !/^(?:-|\\$|\|$)/.test(next.text)) {
      const valueSpan = { file, start: next.start, end: next.end };
      flags.push({ name, value: unquote(next.text), nameSpan, valueSpan, behind: null });
      at++;
    } else {
      const stray = next !== undefined && isSwitch(name) && /^(?:true|false)$/.test(next.text);
      const behind = stray ? { file, start: next.start, end: next.end } : null;
      flags.push({ name, value: 'true', nameSpan, valueSpan: nameSpan, behind });
    }
  }
  return flags;
}

function unquote(text: string): string {
  const quote = text[0];
  return text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote) ? text.slice(1, -1) : text;
}

/** The flags as the configuration file would hold them; those without a field keep their own name. */
function bodyOf(
  flags: readonly Flag[],
  table: Readonly<Record<string, string>>,
  component: Component,
  span: Span,
): YamlValue {
  const root: YamlEntry[] = [];
  for (const flag of flags) {
    const path = fieldOf(table, flag.name);
    const [section, key] = path.includes('.') ? path.split('.') : [null, path];
    const entry = {
      key: key ?? path,
      keySpan: flag.nameSpan,
      value: flagScalar(component, path, flag.value, flag.valueSpan),
    };
    if (section === null || section === undefined) {
      root.push(entry);
      continue;
    }
    const at = root.findIndex((one) => one.key === section);
    const inner = root[at]?.value;
    const entries = inner?.kind === 'map' ? [...inner.entries, entry] : [entry];
    const made: YamlEntry = { key: section, keySpan: flag.nameSpan, value: { kind: 'map', entries, span } };
    if (at < 0) root.push(made);
    else root[at] = made;
  }
  return { kind: 'map', entries: root, span };
}

/** The field that a flag sets; flags without one keep their own name. */
function fieldOf(table: Readonly<Record<string, string>>, name: string): string {
  return (Object.hasOwn(table, name) ? table[name] : undefined) || name;
}

function typeOf(component: Component, path: string): string {
  let field: unknown = fieldsOf(component);
  for (const key of path.split('.'))
    field = typeof field === 'object' && field !== null && key in field ? Reflect.get(field, key) : undefined;
  return isLeaf(field) ? field.type : 'string';
}

/** A flag's text with the type that its field has: flags are all text, and `true` or `14` mean what the field takes. */
export function flagScalar(component: Component, path: string, text: string, span: Span): YamlValue {
  const type = typeOf(component, path);
  if (type === 'array') {
    const items = text.split(',').filter((item) => item !== '');
    return { kind: 'list', items: items.map((item) => ({ kind: 'scalar', value: item, text: item, span })), span };
  }
  if (type === 'boolean') {
    if (/^(?:true|t|1)$/i.test(text)) return { kind: 'scalar', value: true, text, span };
    if (/^(?:false|f|0)$/i.test(text)) return { kind: 'scalar', value: false, text, span };
  }
  if (type === 'number' && /^-?\d{1,15}$/.test(text)) return { kind: 'scalar', value: Number(text), text, span };
  if (type === 'record' || type === 'unknown') return { kind: 'scalar', value: null, text, span };
  return { kind: 'scalar', value: text, text, span };
}

function unknownFlag(flag: Flag, known: readonly string[]): ConfigProblem {
  const nearest = nearestName(flag.name, known);
  const instead = nearest === null ? '' : `; the nearest known flag is --${nearest}`;
  const message = `--${flag.name} is no known flag${instead}`;
  return {
    kind: 'unknown-field',
    path: `--${flag.name}`,
    message,
    nearest: nearest === null ? null : `--${nearest}`,
    span: flag.nameSpan,
  };
}

/** kube-proxy refuses words that belong to no flag (cmd/kube-proxy/app/server.go, Args). */
function strayWord({ name, behind }: Flag): readonly ConfigProblem[] {
  if (behind === null) return [];
  const message = `--${name} takes no word after it, and kube-proxy no arguments: write --${name}=…`;
  return [{ kind: 'bad-value', path: `--${name}`, message, nearest: null, span: behind }];
}
