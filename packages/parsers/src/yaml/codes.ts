/** What can be wrong with YAML, as diagnostics. */
import { defineCodes } from '@coldtrace/core';

export const yamlCode = defineCodes('yaml', {
  syntax: { severity: 'warning', text: 'not valid YAML: {reason}' },
  'json-syntax': { severity: 'warning', text: 'not valid JSON: {reason}' },
  'duplicate-key': {
    severity: 'warning',
    text: 'the key "{key}" stands twice in one mapping',
    hint: 'most readers take the last one, strict ones refuse the file',
  },
  'too-large': {
    severity: 'warning',
    text: 'a document of {size} characters in a form that only the slow reader takes is not read (limit {limit})',
  },
  'too-deep': { severity: 'warning', text: 'nesting deeper than {limit} levels is not read' },
  'too-many-aliases': { severity: 'warning', text: 'aliases that expand to more than {limit} values are not followed' },
  'unknown-alias': { severity: 'warning', text: 'the alias "*{name}" has no anchor before it' },
  'custom-tag': { severity: 'info', text: 'the tag "{tag}" is not interpreted; its value is read as plain data' },
});
