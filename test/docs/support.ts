/** docs/support.md: what is known of each match and target, from its definition. */
import { type MatchDef, matchDefs, type Option, type TargetDef, targetDefs } from '@coldtrace/core';
import { code, codes, page, table } from './markdown.js';
import { openReasons } from './open-reasons.js';

type Def = MatchDef | TargetDef;

export function supportPage(): string {
  return page(
    'Matches and targets',
    'Every match and target of iptables-extensions(8) 1.8.9 is read, printed and kept; a name that is not listed is kept word by word. *Simulated* means that the definition says what it does to a packet: where it is not, an answer that depends on it is unknown. *From `-L`* means that what `iptables -L -n -v` prints for it is read back.',
    [
      `## Matches\n\n${overview(matchDefs)}`,
      `## Targets\n\n${overview(targetDefs)}`,
      `## Options of matches\n\n${sorted(matchDefs).map(details).join('\n\n')}`,
      `## Options of targets\n\n${sorted(targetDefs).map(details).join('\n\n')}`,
    ],
  );
}

function sorted<D extends Def>(defs: readonly D[]): readonly D[] {
  return [...defs].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function overview(defs: readonly Def[]): string {
  return table(
    ['name', 'families', 'only in', 'simulated', 'from `-L`'],
    sorted(defs).map((def) => [
      code(def.name),
      def.families.map((family) => `IPv${family}`).join(', '),
      [...(def.tables ?? []), ...(def.hooks ?? [])].join(', '),
      isSimulated(def) ? 'yes' : 'no',
      def.listing === undefined ? 'no' : 'yes',
    ]),
  );
}

function isSimulated(def: Def): boolean {
  return def.kind === 'match' ? def.test !== undefined || def.chance !== undefined : def.apply !== undefined;
}

function details(def: Def): string {
  const options = Object.entries(def.options);
  const rows = options.map(([name, option]) => optionRow(name, option));
  const open = openReasons(def);
  return [
    `### ${def.name} (${def.kind}${def.families.length === 1 ? `, IPv${def.families.join()} only` : ''})`,
    ...(rows.length === 0
      ? ['No options.']
      : [table(['option', 'value', 'also written', 'takes `!`', 'may repeat'], rows)]),
    ...(open.length === 0 ? [] : [`Unknown when:\n\n${open.map((why) => `- ${why}`).join('\n')}`]),
  ].join('\n\n');
}

function optionRow(name: string, { value, aliases, negatable, repeatable }: Option<unknown>): readonly string[] {
  return [
    code(`--${name}`),
    value.words === 0 ? '' : code(value.name === '' ? 'value' : value.name),
    codes(aliases.map((alias) => `--${alias}`)),
    negatable ? 'yes' : '',
    repeatable ? 'yes' : '',
  ];
}
