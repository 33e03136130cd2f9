/** What can be wrong with, or missing from, the print of `iptables -L`. */
import { defineCodes } from '@coldtrace/core';

export const listingProblem = defineCodes('iptables-list', {
  'unknown-text': {
    severity: 'warning',
    text: '"{text}" belongs to no match or target that is known here; kept verbatim, its outcome is open',
  },
  'ambiguous-text': {
    severity: 'warning',
    text: '"{text}" can be read in several ways, since its comment holds "*/"; kept verbatim, its outcome is open',
    hint: 'capture iptables-save, which quotes comments',
  },
  'unknown-target': {
    severity: 'warning',
    text: 'target "{name}" is not known here; kept verbatim, what it does is open',
  },
  'unread-target': {
    severity: 'warning',
    text: '"{text}" is not what target {name} prints; kept verbatim, what it does is open',
  },
  'bad-row': { severity: 'warning', text: 'not the columns of a rule; kept verbatim, its outcome is open' },
  'stray-row': { severity: 'warning', text: 'a rule of which nothing tells the chain' },
  'no-interfaces': {
    severity: 'info',
    text: 'the listing was made without -v and hides the interfaces of its rules',
    hint: 'capture iptables-save, or iptables -L -n -v -x',
  },
  'names-shown': {
    severity: 'warning',
    text: 'the listing was made without -n; names stand where numbers are wanted',
    hint: 'capture iptables-save, or iptables -L -n -v -x',
  },
  'hidden-match': {
    severity: 'info',
    text: 'ip6tables-nft -L does not print -m eui64: a rule that has it looks like one without',
    hint: 'capture ip6tables-save',
  },
  'no-hashlimit-name': {
    severity: 'info',
    text: 'iptables -L does not print --hashlimit-name: which rules count together is not known',
    hint: 'capture iptables-save',
  },
  'rules-missing': {
    severity: 'warning',
    text: 'chain {chain} has {said} references, of which {seen} are here: rules of table {table} are missing',
  },
  'not-listed': { severity: 'warning', text: 'the tool could not list this table: {line}' },
  rejoined: { severity: 'info', text: 'a broken line is read as one rule: {line}' },
});
