/** What can be said about IP set dumps: the closed codes of the family `ipset`. */
import { defineCodes } from '@coldtrace/core';

export const ipsetCodes = defineCodes('ipset', {
  'unreadable-member': {
    severity: 'warning',
    text: 'Member "{member}" of set {set} cannot be read as {type}; whether the set holds other addresses stays open.',
    hint: 'Capture again with `ipset list` (without -r) and leave members as they are.',
  },
  'resolved-name': {
    severity: 'warning',
    text: 'Member "{member}" of set {set} shows a name instead of an address; the dump was taken with -r.',
    hint: 'Capture again with `ipset list`, which prints addresses.',
  },
  'unknown-type': {
    severity: 'warning',
    text: 'Set {set} has the type "{type}", which is not known; its members are not read.',
  },
  'unknown-option': {
    severity: 'warning',
    text: 'Set {set} has the option "{option}", which is not known.',
  },
  'missing-members': {
    severity: 'warning',
    text: 'Set {set} announces {announced} members, {found} are here.',
    hint: 'Capture `ipset list {set}` again in full.',
  },
  'members-not-shown': {
    severity: 'info',
    text: 'The members of set {set} are not part of the dump.',
    hint: 'Capture `ipset list` without -t.',
  },
  'no-create': {
    severity: 'warning',
    text: 'The line that creates set {set} is not here, so its type is not known.',
    hint: 'Capture `ipset save` in full.',
  },
  'no-header': {
    severity: 'warning',
    text: 'The header of set {set} is not here, so the type of its members is not known and nothing is looked up in it.',
    hint: 'Capture `ipset list {set}` in full.',
  },
  'tool-error': {
    severity: 'warning',
    text: 'ipset said: {message}',
  },
  'unreplayed-command': {
    severity: 'warning',
    text: 'The effect of "{command}" on the sets is not read.',
  },
  'unfinished-xml': {
    severity: 'warning',
    text: 'The XML ends within set {set}.',
  },
  'repaired-fields': {
    severity: 'warning',
    text: 'Damaged line "{was}" was read as the separate fields: {read}.',
  },
  'repaired-field': {
    severity: 'warning',
    text: 'Damaged field "{was}" was read as "{read}".',
  },
  'repaired-wrap': {
    severity: 'warning',
    text: 'Line "{was}" was read as the continuation of the header of set {set}.',
  },
  'repaired-members': {
    severity: 'warning',
    text: 'The line "Members:" of set {set} is missing; "{was}" was read as its first member.',
  },
  'repaired-joined-members': {
    severity: 'warning',
    text: 'Line "{was}" was read as {count} members of set {set}.',
  },
});
