/** What can be wrong with iptables text, in every dialect. */
import { defineCodes } from '@coldtrace/core';

export const iptablesProblem = defineCodes('iptables', {
  'unknown-match': {
    severity: 'warning',
    text: 'match "{name}" is not known here; kept verbatim, its outcome is open',
  },
  'unknown-target': {
    severity: 'warning',
    text: 'target "{name}" is not known here; kept verbatim, what it does is open',
  },
  'unknown-option': { severity: 'warning', text: 'option "{option}" belongs to nothing in this rule; kept verbatim' },
  'bad-value': { severity: 'warning', text: '{option}: {why}; kept verbatim, its outcome is open' },
  'missing-value': { severity: 'warning', text: '{option} lacks its value' },
  'not-negatable': { severity: 'warning', text: '{option} does not take "!"' },
  'repeated-option': { severity: 'warning', text: '{option} stands more than once' },
  refused: { severity: 'warning', text: 'iptables refuses {what} because {why}' },
  'stray-word': { severity: 'warning', text: '"{word}" belongs to no option' },
  'no-chain': { severity: 'error', text: 'the command names no chain' },
  'no-table': { severity: 'warning', text: 'rule outside any table' },
  'undeclared-chain': { severity: 'warning', text: 'rule in chain {chain}, which the dump does not declare' },
  truncated: {
    severity: 'warning',
    text: 'the dump ends inside table {table}, before COMMIT: its missing rules prove nothing',
  },
  'cut-line': {
    severity: 'warning',
    text: 'the text ends within this rule: what it says is not known, nor whether others follow',
  },
  'bad-chain-line': { severity: 'warning', text: 'not a chain declaration: {line}' },
  'legacy-present': {
    severity: 'warning',
    text: 'the node also holds rules of the legacy variant, which this dump does not show',
    hint: 'capture iptables-legacy-save too',
  },
  'table-inferred': {
    severity: 'info',
    text: 'the text names no table; its rules are taken to be of table {table}, by their chains and targets',
  },
  'not-applied': {
    severity: 'warning',
    text: '{command} changes rules that this text does not show; it is not carried out here',
  },
  intraposed: { severity: 'info', text: '"{option} !" is read as "! {option}"' },
  glued: {
    severity: 'info',
    text: '{option} and "{value}" are read as two words; iptables 1.8.9 would not read them so',
  },
  'repaired-quotes': { severity: 'info', text: '"{read}" is read as one text: the quotes around it are lost' },
  'repaired-characters': { severity: 'info', text: '"{was}" is read as "{read}": characters that pasting puts there' },
  'repaired-case': { severity: 'info', text: '"{was}" is read as "{read}": only capital and small letters differ' },
  'repaired-dashes': { severity: 'info', text: '"{was}" is read as "{read}": dashes too few or too many' },
  'repaired-spelling': {
    severity: 'warning',
    text: '"{was}" is read as "{read}", the only name one letter away that fits',
  },
  'repaired-negation': { severity: 'info', text: '"{was}" is read as "{read}"' },
  'repaired-lost-option': {
    severity: 'warning',
    text: '"{was}" is read as "{read}", the only option that fits here',
  },
  'repaired-lost-match': {
    severity: 'warning',
    text: '"{was}" is read as "{read}", the only match that has such an option',
  },
  'repaired-order': {
    severity: 'warning',
    text: '"{was}" is read as "{read}": an option comes after the -m or -p that brings it',
  },
  'repaired-wrap': { severity: 'info', text: '"{was}" is read as "{read}": the line was broken in between' },
  'repaired-line-break': {
    severity: 'info',
    text: 'a line break was lost before "{read}", which is read as a statement of its own',
  },
  'repaired-decoration': { severity: 'info', text: 'what stands before "{read}" is taken for a list mark or Markdown' },
  'repaired-heading': { severity: 'info', text: '"{was}" is read as "{read}" before each of the rules below it' },
  'repaired-name': {
    severity: 'warning',
    text: '{what} "{was}" was not captured; read as "{read}", the only captured name that is one slip away',
    hint: 'check the name on the node: the rule was copied by hand',
  },
  ambiguous: {
    severity: 'warning',
    text: 'the rule is damaged and could be read in several ways, so it is not: {readings}',
    hint: 'capture it with iptables-save',
  },
  'open-quote': { severity: 'warning', text: 'a quote is opened and never closed; where the text in it ends is open' },
  placeholder: {
    severity: 'warning',
    text: '"{part}" stands for a value and is none; the command is not taken for a rule of the node',
  },
  'commented-out': {
    severity: 'info',
    text: 'a rule behind "#" is switched off; it is not taken for a rule of the node',
  },
  'in-shell-block': {
    severity: 'warning',
    text: 'the command stands in a loop or condition of a shell, so that what it did is open; it is not carried out here',
  },
  'print-loses': {
    severity: 'warning',
    text: 'iptables-save does not tell {what}',
    hint: 'its output, loaded again, is another rule',
  },
});
