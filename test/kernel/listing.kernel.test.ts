/** The same loaded rules as `-save`, `-S` and `-L -n -v -x` print them: what we read of the three is equal, up to what `-L` cannot show. */
import { type Family, printRule, type Rule, type Ruleset, tableNames, type XtablesVariant } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { parseIptablesList } from '../../packages/parsers/src/iptables/listing/list.js';
import { parseIptablesRules } from '../../packages/parsers/src/iptables/rules.js';
import { parseIptablesSave } from '../../packages/parsers/src/iptables/save.js';
import { sectionOf } from '../../packages/parsers/src/testing.js';
import { prng } from '../bench/prng.js';
import { freshSeed, intolerable } from './fresh.js';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';
import { extensionsOf, type GeneratedRule, generateRule, userChains } from './rule-generator.js';
import { ruleKernel } from './rule-kernel.js';
import { prepareNamespace } from './rule-needs.js';

const seed = freshSeed;
const rulesPerWorld = Number(process.env['COLDTRACE_LISTED_RULES'] ?? 250);

const separator = '@@@@ next';

interface Outputs {
  readonly save: string;
  readonly rules: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, string>;
  /** `-L` alone: names for numbers, no interfaces. */
  readonly bare: ReadonlyMap<string, string>;
}

/** Rules that the tool takes and whose print it takes again, as it prints them. */
async function soundRules(family: Family, variant: XtablesVariant): Promise<readonly GeneratedRule[]> {
  const random = prng(seed * 4 + family + (variant === 'nft' ? 1 : 0));
  const kernel = await ruleKernel(family, variant, prepareNamespace(family));
  const focuses = extensionsOf(family);
  const sound: GeneratedRule[] = [];
  try {
    for (let turn = 0; turn < rulesPerWorld; ) {
      const rules: GeneratedRule[] = [];
      for (; rules.length < 100 && turn < rulesPerWorld; turn++) {
        const focus = focuses[turn % focuses.length];
        if (focus !== undefined) rules.push(generateRule(family, focus, random));
      }
      const printed = (await kernel.load(rules)).flatMap(({ saved }, index) =>
        (saved ?? []).map((line) => printedRule(rules[index], line)),
      );
      const again = await kernel.load(printed);
      sound.push(
        ...printed.filter((rule, index) => again[index]?.saved?.join('\n') === `-A ${rule.chain} ${rule.text}`),
      );
    }
  } finally {
    kernel.close();
  }
  return sound;
}

function printedRule(rule: GeneratedRule | undefined, line: string): GeneratedRule {
  const [, chain = '', text = ''] = /^-A (\S+) ?(.*)$/s.exec(line) ?? [];
  return { table: rule?.table ?? 'filter', chain, text, uses: rule?.uses ?? [] };
}

function outputsOf(rules: readonly GeneratedRule[], family: Family, variant: XtablesVariant): Outputs {
  const tool = `${family === 4 ? 'iptables' : 'ip6tables'}-${variant}`;
  const text = tableNames.map((table) =>
    [
      `*${table}`,
      ...[...userChains, 'USER2', 'x'].map((chain) => `:${chain} - [0:0]`),
      ...rules.filter((rule) => rule.table === table).map((rule) => `-A ${rule.chain} ${rule.text}`),
      'COMMIT\n',
    ].join('\n'),
  );
  const shown = tableNames.flatMap((table) => [
    `${tool} -t ${table} -S`,
    `${tool} -t ${table} -nvxL`,
    `${tool} -t ${table} -L`,
  ]);
  const script = [
    prepareNamespace(family),
    `${tool}-restore`,
    ...[`${tool}-save`, ...shown].flatMap((command) => [command, `echo '${separator}'`]),
  ].join('\n');
  const [save = '', ...prints] = inNetns(script, text.join('')).split(`${separator}\n`);
  const of = (offset: number) => new Map(tableNames.map((table, index) => [table, prints[3 * index + offset] ?? '']));
  return { save, rules: of(0), lists: of(1), bare: of(2) };
}

type Parse = typeof parseIptablesSave;

function rulesetOf(parse: Parse, text: string, command: string): Ruleset {
  const [fact] = parse(sectionOf(text, { command })).value;
  if (fact?.kind !== 'ruleset') throw new Error(`no ruleset in ${command}`);
  return fact.ruleset;
}

function ruleAt(ruleset: Ruleset, table: string, chain: string, index: number): Rule | undefined {
  const found = ruleset.tables.find(({ name }) => name === table);
  return found?.chains.find(({ name }) => name === chain)?.rules.at(index);
}

interface Loss {
  /** What `-L -n -v -x` does not show, and why nothing follows from it. */
  readonly why: string;
  readonly shown: (print: string, family: Family, variant: XtablesVariant) => string;
}

/** Matches of which one after another of the same name look like one with the options of both, which means the same. */
const joined = /(-m (conntrack|devgroup|iprange|owner) (?:(?!-m |-j |-g ).)*)-m \2 /;

const losses: readonly Loss[] = [
  {
    why: 'the name of a hashlimit only tells which counters it shares; its outcome is open anyway',
    shown: (print) => print.replace(/ --hashlimit-name \S+/g, ''),
  },
  {
    why: 'osf: whether lengths of life are compared and what is logged; which packets may match at all is the same',
    shown: (print) => print.replace(/(-m osf (?:! )?--genre \S+)(?: --ttl \d)?(?: --log \d)?/g, '$1'),
  },
  { why: 'quota: the "!"; the outcome is open anyway', shown: (print) => print.replaceAll('! --quota', '--quota') },
  {
    why: 'sctp and dccp: a range of all ports, which tests nothing',
    shown: (print) => print.replace(/(?<!!) --[sd]port 0:65535/g, ''),
  },
  {
    why: 'ip6tables-nft prints nothing for eui64, of which a diagnostic warns',
    shown: (print, family, variant) => (family === 6 && variant === 'nft' ? print.replaceAll(' -m eui64', '') : print),
  },
  {
    why: 'string: text that itself stands between bars looks like bytes in hexadecimal; the outcome is open anyway',
    shown: (print) => print.replaceAll('--string "|', '--hex-string "|'),
  },
  {
    why: 'where one match ends and another of the same name begins, as far as both test different things',
    shown: (print) => {
      let left = print;
      while (joined.test(left)) left = left.replace(joined, '$1');
      return left === print && !/-m (?:conntrack|devgroup|iprange|owner) /.test(print)
        ? print
        : [...new Set(left.split(/ (?=(?:! )?-)/))].sort().join(' ');
    },
  },
];

function asListed(print: string, family: Family, variant: XtablesVariant): string {
  return losses.reduce((left, { shown }) => shown(left, family, variant), print);
}

/**
 * What -L does not tell apart, though something may follow from it: an interface whose name begins with "!" looks like any other, negated;
 * two comments with matches between look like one comment that holds the marks, so such a rule is kept verbatim.
 */
const ambiguous = / -[io] !| -m comment --comment .* -m (?!comment ).* -m comment /;

/** Without -n and -v much is hidden, and said to be; what is read must still be right. */
function wrongWithoutFlags(
  rule: Rule | undefined,
  wanted: string,
  print: string,
  family: Family,
  variant: XtablesVariant,
): boolean {
  if (rule === undefined) return true;
  const kept = [...rule.matches, ...(rule.target === null ? [] : [rule.target])];
  if (kept.some(({ kind }) => kind === 'opaque')) return false;
  const interfaces = /(?: !)? -[io] \S+/g;
  // ip6tables calls the address :: "anywhere" under any mask; a rule with that word is said to hold names.
  const anywhere = / -[sd] ::\/\S+/g;
  const shown = rule.hidden?.includes('names') && family === 6 ? wanted.replace(anywhere, '') : wanted;
  const withoutInterfaces = asListed(shown.replace(interfaces, ''), family, variant);
  return rule.hidden === undefined || asListed(print, family, variant) !== withoutInterfaces;
}

function disagreements(rules: readonly GeneratedRule[], family: Family, variant: XtablesVariant): readonly string[] {
  const tool = `${family === 4 ? 'iptables' : 'ip6tables'}-${variant}`;
  const { save, rules: specs, lists, bare } = outputsOf(rules, family, variant);
  const saved = rulesetOf(parseIptablesSave, save, `${tool}-save`);
  const failures: string[] = [];
  for (const table of saved.tables) {
    const spec = rulesetOf(parseIptablesRules, specs.get(table.name) ?? '', `${tool} -t ${table.name} -S`);
    const text = lists.get(table.name) ?? '';
    const list = rulesetOf(parseIptablesList, text, `${tool} -t ${table.name} -nvxL`);
    if (list.tables[0]?.complete !== true) failures.push(`${table.name}: the listing is whole and not read as such`);
    const named = rulesetOf(parseIptablesList, bare.get(table.name) ?? '', `${tool} -t ${table.name} -L`);
    for (const chain of table.chains) {
      for (let index = 0; index < chain.rules.length; index++) {
        const print = (rule: Rule | undefined) =>
          rule === undefined ? '(none)' : printRule(rule, chain.name, family, variant);
        const wanted = print(chain.rules.at(index));
        const fromSpec = print(ruleAt(spec, table.name, chain.name, index));
        if (fromSpec !== wanted) failures.push(`${table.name} ${wanted}\n  -S reads ${fromSpec}`);
        const listed = ruleAt(list, table.name, chain.name, index);
        const fromList = print(listed);
        if (ambiguous.test(wanted)) continue;
        const bareRule = ruleAt(named, table.name, chain.name, index);
        if (wrongWithoutFlags(bareRule, wanted, print(bareRule), family, variant))
          failures.push(`${table.name} ${wanted}\n  -L without -n -v reads ${print(bareRule)}`);
        if (asListed(fromList, family, variant) === asListed(wanted, family, variant)) continue;
        const row = listed === undefined ? '' : text.slice(listed.span.start, listed.span.end);
        failures.push(`${table.name} ${wanted}\n  -L reads ${fromList}\n  from ${row}`);
      }
    }
  }
  return failures;
}

describeKernel('rules as iptables -L prints them', () => {
  it.each([
    [4, 'legacy'],
    [4, 'nft'],
    [6, 'legacy'],
    [6, 'nft'],
  ] as const)(
    'IPv%i %s: -save, -S and -L of the same rules read alike',
    async (family, variant) => {
      const rules = await soundRules(family, variant);
      expect(rules.length).toBeGreaterThan(rulesPerWorld / 4);
      const failures = disagreements(rules, family, variant);
      console.log(`seed ${seed}: ${rules.length} rules, ${failures.length} differ`);
      const wrong = failures.map((text) => ({ seed, text }));
      expect(intolerable('listing', wrong, rules.length)).toEqual([]);
    },
    300_000,
  );

  it.each(['iptables-legacy', 'iptables-nft', 'ip6tables-legacy', 'ip6tables-nft'] as const)(
    '%s: counters in K, M, G and T are near the true ones and said to be rounded',
    (tool) => {
      const counts = [
        0, 1, 99_999, 100_000, 123_456, 9_999_499, 10_000_000, 9_999_999_999, 12_345_678_901, 999_999_999_999_999,
      ];
      const rules = counts.map((count) => `[${count}:${count}] -A INPUT -j ACCEPT\n`).join('');
      const restore = `*filter\n:INPUT ACCEPT [123456:123456]\n${rules}COMMIT\n`;
      const [rounded = '', exact = ''] = inNetns(
        `${tool}-restore -c\n${tool} -nvL\necho '${separator}'\n${tool} -nvxL`,
        restore,
      ).split(`${separator}\n`);
      const chainOf = (text: string) => rulesetOf(parseIptablesList, text, `${tool} -nvL`).tables[0]?.chains[0];
      expect(chainOf(rounded)?.counters).toEqual({ packets: 123_000, bytes: 123_000, approximate: true });
      expect(chainOf(exact)?.counters).toEqual({ packets: 123_456, bytes: 123_456 });
      counts.forEach((_count, index) => {
        // ip6tables-nft-restore of 1.8.9 leaves the counters of rules at 0.
        const truth = chainOf(exact)?.rules.at(index)?.counters?.packets ?? Number.NaN;
        const counters = chainOf(rounded)?.rules.at(index)?.counters;
        const unit = 10 ** (3 * Math.floor(Math.log10(Math.max(counters?.packets ?? 0, 1)) / 3));
        expect(Math.abs((counters?.packets ?? Number.NaN) - truth)).toBeLessThanOrEqual(truth < 100_000 ? 0 : unit);
        expect(counters?.approximate === true).toBe(truth >= 100_000);
      });
    },
  );
});
