/** Pieces of dumps inside sentences (a route, a sysctl, a rule, an address with its interface): claims, read by the same formats. */
import {
  type Address,
  bareAddress,
  type Diagnostic,
  type Facts,
  parseCidrAddress,
  type Row,
  type Ruleset,
  type Span,
} from '@coldtrace/core';
import { thinned } from '../assemble/contribution.js';
import type { Format, Section } from '../format.js';
import { parseGuarded } from '../parse-guarded.js';
import type { Line } from '../text/lines.js';
import { transcriptDiagnostic } from './codes.js';
import { isDenied } from './denial.js';
import { settingClaims } from './setting-claims.js';

export interface Claims {
  readonly facts: readonly Facts[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Characters that end a fragment: quotes, and what follows a sentence in scripts without blanks. */
const stops = /["'`“”‘’«»（）()\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]/;
const prefix4 = '\\d{1,3}(?:\\.\\d{1,3}){3}(?:/\\d{1,2})?';
const prefix6 = '[0-9a-f]{1,4}:[0-9a-f:]{2,40}(?:/\\d{1,3})?';
const destination = `(?:default|${prefix4}|${prefix6})`;

interface Shape {
  readonly pattern: RegExp;
  /** Format that reads it; null: the one that it opens. */
  readonly format: string | null;
  readonly command: string;
}

const shapes: readonly Shape[] = [
  {
    pattern:
      /(?:\bip6?tables (?:-t [a-z]{3,8} )?)?(?:-t [a-z]{3,8} )?(?:-A|-I|-P) [A-Z][\w.:-]{1,30}(?: [!-~]{1,120}){1,80}/g,
    format: null,
    command: 'iptables-save',
  },
  {
    pattern: /\bnet\.(?:ipv4|ipv6|core|netfilter|bridge)\.[a-z0-9_./-]{2,120} ?= ?-?\d{1,10}\b/g,
    format: 'sysctl',
    command: 'sysctl -a',
  },
  {
    pattern: new RegExp(
      `(?:(?:blackhole|unreachable|prohibit|local) )?(?<![\\d.])${destination} (?:via ${prefix4}|dev [\\w.@-]{2,15})(?: (?:via|dev|proto|scope|src|metric|onlink|table) ?[\\w.:-]{0,40}){0,8}`,
      'g',
    ),
    format: 'ip-route',
    command: 'ip route show table all',
  },
];

/** The claims of one line of prose. */
export function claimsOf(section: Section, line: Line, formats: readonly Format[]): Claims {
  const facts: Facts[] = [];
  const diagnostics: Diagnostic[] = [];
  if (line.text.length > 2000 || !/\d|-[AIP] /.test(line.text)) return { facts, diagnostics };
  const taken: (readonly [number, number])[] = [];
  const report = (span: Span, command: string) => {
    const text = section.file.text.slice(span.start, span.end);
    diagnostics.push(transcriptDiagnostic('claim', span, { text, command }));
  };
  for (const { pattern, format, command } of shapes) {
    for (const match of line.text.matchAll(pattern)) {
      const stop = match[0].search(stops);
      const shown = stop < 0 ? match[0] : match[0].slice(0, stop);
      const text = (format === null ? withoutSentence(shown) : shown).replace(/[\s,.;:!?]+$/, '');
      const start = line.start + match.index;
      if (taken.some(([from, to]) => start < to && start + text.length > from)) continue;
      if (isDenied(line.text, match.index, match.index + text.length)) continue;
      const reader = formats.find((one) =>
        format === null ? one.line(text) !== null && isRules(one) : one.id === format,
      );
      if (reader === undefined || text === '') continue;
      const end = start + text.length;
      const parsed = parseGuarded(reader, { ...section, start, end, command: null, freeForm: true });
      const claimed = parsed.value.filter((one) => one.kind !== 'failures' && holdsRows(one)).map(asClaim);
      if (claimed.length === 0) continue;
      taken.push([start, end]);
      facts.push(...claimed);
      report({ file: section.file.id, start, end }, command);
    }
  }
  const settings = settingClaims(section, line, taken);
  for (const row of settings) report(row.span, 'sysctl -a');
  if (settings.length > 0) facts.push({ kind: 'sysctls', rows: settings, complete: false });
  const addresses = addressClaims(section, line, taken);
  for (const row of addresses) report(row.span, 'ip addr');
  if (addresses.length > 0) facts.push({ kind: 'addresses', rows: addresses, complete: false });
  return { facts, diagnostics };
}

/** A target ends a rule, but for its own options; a comma behind a word ends what is no list. */
function withoutSentence(text: string): string {
  const target = /\s(?:-j|-g|--jump|--goto) [\w.:-]+/.exec(text);
  if (target === null) return /^[^,;]*(?:,\S[^,;]*)*/.exec(text)?.[0] ?? text;
  const end = target.index + target[0].length;
  const options =
    /^(?: (?:! )?--?[a-z][\w-]*(?: (?!-)[!-~]*[^\s,.;:])?(?![^\s,.;:]))*/.exec(text.slice(end))?.[0] ?? '';
  return text.slice(0, end + options.length);
}

function isRules(format: Format): boolean {
  return format.id.startsWith('ip') && format.id.includes('tables');
}

function holdsRows(facts: Facts): boolean {
  return facts.kind === 'ruleset' ? facts.ruleset.tables.length > 0 : facts.rows.length > 0;
}

function asClaim(facts: Facts): Facts {
  const weak = thinned(facts);
  if (weak.kind === 'ruleset') return { kind: 'ruleset', ruleset: claimedRules(weak.ruleset) };
  return Object.assign({}, weak, { rows: weak.rows.map((row: Row) => ({ ...row, trust: 'claimed' as const })) });
}

function claimedRules(ruleset: Ruleset): Ruleset {
  const tables = ruleset.tables.map((table) => ({
    ...table,
    chains: table.chains.map((chain) => {
      const rules = Array.from({ length: chain.rules.length }, (_, at) => chain.rules.at(at));
      return {
        ...chain,
        rules: rules.flatMap((rule) => (rule === undefined ? [] : [{ ...rule, trust: 'claimed' as const }])),
      };
    }),
  }));
  return { ...ruleset, tables };
}

const device =
  /(?<![\w.-])((?:eth|ens|enp|eno|enx|em|bond|team|br|wlan|docker|cni|flannel\.|vxlan\.|tunl|cali|veth|kube-ipvs|wg)[\w.-]{0,14})[ :：(（=]{1,3}(?:(?:inet|is|has|hat|mit|with|ist|avec|con|tiene|tem|heeft|имеет|с|a|the|die|der|la|il|el|het|IPv4|IP|address|addr|Adresse|adresse|dirección|indirizzo|endereço|adres|адрес|адресом)[ :]{1,2}){0,4}(?:地址 ?)?(\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2})(?![\w.])/g;

/** `ens192 192.168.21.12/24`: an address with the interface that has it. */
function addressClaims(
  section: Section,
  line: Line,
  taken: readonly (readonly [number, number])[],
): readonly Address[] {
  const rows: Address[] = [];
  for (const match of line.text.matchAll(device)) {
    const [, dev = '', cidr = ''] = match;
    const address = parseCidrAddress(cidr);
    const start = line.start + match.index;
    const end = start + match[0].length;
    if (address === null || isDenied(line.text, match.index, match.index + match[0].length)) continue;
    if (taken.some(([from, to]) => start < to && end > from)) continue;
    rows.push({
      ...bareAddress,
      span: { file: section.file.id, start, end },
      trust: 'claimed',
      dev,
      ip: address.ip,
      prefixLength: address.length,
    });
  }
  return rows;
}
