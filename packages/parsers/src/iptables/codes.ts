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
  'print-loses': {
    severity: 'warning',
    text: 'iptables-save does not tell {what}',
    hint: 'its output, loaded again, is another rule',
  },
});
