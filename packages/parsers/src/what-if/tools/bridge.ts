/** `bridge fdb add|append|replace|del`. bridge(8), bridge/fdb.c. */
import {
  done,
  type FdbEntry,
  type NetNs,
  open,
  parseDecimal,
  parseIp,
  parseMac,
  putFdb,
  refused,
} from '@coldtrace/core';
import { badWords, type Fault, next, type Result, type Tool, unsupported } from '../call.js';
import type { ShellWord } from '../shell/syntax.js';
import { commandNamed } from './ip.js';

const commands = ['add', 'append', 'replace', 'delete'] as const;

export const bridge: Tool = (ns, call) => {
  const args = call.args.filter(({ text }) => !/^-(?:d|s|c|j|p|o|details|stats|color|json|pretty|oneline)$/.test(text));
  const [object, verb, ...words] = args;
  if (verb === undefined || verb.text === 'show' || verb.text === 'list') return done(ns);
  if (object?.text !== 'fdb') return unsupported(`bridge ${object?.text ?? ''} ${verb.text}`, object ?? null);
  const command = commandNamed(verb.text, commands);
  if (command === null) return unsupported(`bridge fdb ${verb.text}`, verb);
  const entry = readEntry(words);
  if ('kind' in entry) return entry;
  return next(placed(ns, entry), (own) => putFdb(ns, { ...own, span: call.span }, command));
};

/** Without `master` and `self` the entry is the device's own; a bridge is its own master. */
function placed(ns: NetNs, entry: Omit<FdbEntry, 'span'>): Result<Omit<FdbEntry, 'span'>> {
  const link = ns.links.rows.find(({ name }) => name === entry.dev);
  const isBridge = link?.details?.kind === 'bridge';
  const ofMaster = isBridge || entry.flags.includes('master');
  const flags = entry.flags.filter((flag) => flag !== 'master' && flag !== 'self' && flag !== 'dynamic');
  if (!ofMaster) return done({ ...entry, master: null, flags: ['self', ...flags] });
  if (link !== undefined && link.master === null && !isBridge) return refused('Operation not supported');
  const { vlan, dev } = entry;
  const isTagged = ({ bridgeVlans }: NetNs) =>
    bridgeVlans.rows.some((row) => row.dev === dev && vlan !== null && row.first <= vlan && vlan <= row.last);
  if (vlan !== null && !isTagged(ns)) return open(`the capture does not show VLAN ${vlan} at ${dev}`);
  return done({ ...entry, master: isBridge ? dev : (link?.master ?? dev), flags });
}

const bare: Readonly<Record<string, string>> = {
  self: 'self',
  master: 'master',
  local: 'permanent',
  permanent: 'permanent',
  static: 'static',
  temp: 'static',
  extern_learn: 'extern_learn',
  sticky: 'sticky',
  dynamic: 'dynamic',
};

/** The address stands wherever one likes, behind `to` or not: it is the word that no other takes. */
function macFirst(words: readonly ShellWord[]) {
  for (let at = 0; at < words.length; at++) {
    const text = words[at]?.text ?? '';
    if (text === 'to') return { first: words[at + 1], rest: words.toSpliced(at, 2) };
    if (bare[text] === undefined && !withValue.has(text)) return { first: words[at], rest: words.toSpliced(at, 1) };
    if (withValue.has(text)) at++;
  }
  return { first: undefined, rest: words };
}

const withValue = new Set(['dev', 'via', 'dst', 'port', 'vni', 'vlan']);

function readEntry(words: readonly ShellWord[]): Omit<FdbEntry, 'span'> | Fault {
  const { first, rest } = macFirst(words);
  const mac = parseMac(first?.text ?? '', { shortOctets: true });
  if (mac === null) return badWords(`Invalid address "${first?.text ?? ''}"`, first ?? null);
  let entry: Omit<FdbEntry, 'span'> & { readonly flags: string[] } = {
    mac,
    dev: '',
    dst: null,
    port: null,
    vni: null,
    via: null,
    vlan: null,
    master: null,
    flags: [],
  };
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at];
    const value = rest[at + 1];
    if (word === undefined) break;
    const flag = bare[word.text];
    if (flag !== undefined) {
      entry.flags.push(flag);
      continue;
    }
    if (value === undefined) return badWords(`"${word.text}" needs a value`, word);
    at++;
    if (word.text === 'dev' || word.text === 'via') entry = { ...entry, [word.text]: value.text };
    else if (word.text === 'dst') {
      const dst = parseIp(value.text);
      if (dst === null) return badWords(`"${value.text}" is no address`, value);
      entry = { ...entry, dst };
    } else if (word.text === 'port' || word.text === 'vni' || word.text === 'vlan')
      entry = { ...entry, [word.text]: parseDecimal(value.text, 0xffffff) };
    else return unsupported(`bridge fdb … ${word.text}`, word);
  }
  if (entry.dev === '') return badWords('Device is a required argument.');
  const kinds = entry.flags.filter((flag) => /^(?:permanent|static|dynamic)$/.test(flag));
  // What is neither is permanent.
  return kinds.length > 0 ? entry : { ...entry, flags: [...entry.flags, 'permanent'] };
}
