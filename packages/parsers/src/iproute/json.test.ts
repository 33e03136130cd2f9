/** What `ip` and `bridge` print of one state as text and as JSON gives the same model. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { countLines, type Facts } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { iprouteFormats } from './index.js';
import { iprouteJson } from './json/format.js';

const folder = fileURLToPath(new URL('./fixtures', import.meta.url));
const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && !name.startsWith('ip-p-'))
  .map((name) => name.replace('.json', ''));

/** What the JSON of iproute2 6.1 leaves out although the text has it, or has in another form. */
function comparable(facts: readonly Facts[]): unknown {
  const text = JSON.stringify(facts, (key, value: unknown) => {
    if (key === 'span') return undefined;
    // `mtu lock 1400` loses the word lock; `link-netns NAME` is `link_netnsid N`.
    if (typeof value === 'string' && / lock\b/.test(value))
      return value.endsWith(' lock') ? null : value.replace(' lock', '');
    if (key === 'peerNetns') return value === null ? null : 'named';
    // The details of other kinds are kept in the words of their form.
    if (key === 'words') return [];
    return value;
  });
  return JSON.parse(text.replaceAll(/"rest":\[null,?/g, '"rest":['));
}

const formatOf = (name: string) => {
  const id = name.replace(/-(?:uml|vxlan|ipip|d|s|br|6)(?=-)/g, '').replace(/-(?:table-\w+|proxy)\b/g, '');
  const format = iprouteFormats.find((one) => one.id === id);
  if (format === undefined) throw new Error(`no format ${id}`);
  return format;
};

const commandOf = (name: string) =>
  name
    .replace(/-(?:uml|vxlan)/, '')
    .replace('ip-route-table-all', 'ip route show table all')
    .replace('ip-route-table-local', 'ip route show table local')
    .replace('ip-neigh-proxy', 'ip neigh show proxy')
    .replace(/^ip-route-get$/, 'ip route get 10.0.0.77')
    .replace(/^(ip|bridge)-(?:(d|s|br)-)?(?:([ds])-)?(?:(6)-)?/, (_, tool: string, ...more: unknown[]) =>
      [
        tool,
        ...more
          .slice(0, 3)
          .filter((one) => typeof one === 'string')
          .map((one) => `-${String(one)}`),
        '',
      ].join(' '),
    );

describe('JSON and text of the same state', () => {
  test.each(names.filter((name) => name !== 'ip-route-get'))('%s gives equal rows', (name) => {
    const command = commandOf(name);
    const text = formatOf(name).parse(sectionOf(read(`${name}.txt`), { command }));
    const section = sectionOf(read(`${name}.json`), { command: command.replace(/^(\w+)/, '$1 -j') });
    const json = iprouteJson.parse(section);
    expect(json.diagnostics).toEqual([]);
    expect(ledgerIsComplete(section, json)).toBe(true);
    expect(countLines(json.ledger)).toMatchObject({ unrecognized: 0, opaque: 0 });
    expect(comparable(json.value)).toEqual(comparable(text.value));
    expect(json.value.length).toBeGreaterThan(0);
  });

  test('a lookup as JSON is an answer too', () => {
    const { value } = iprouteJson.parse(sectionOf(read('ip-route-get.json')));
    expect(value).toMatchObject([{ kind: 'observations', rows: [{ kind: 'route', dev: 'eth0', error: null }] }]);
  });

  test('indented JSON (-p) gives the same rows as compact JSON', () => {
    const compact = iprouteJson.parse(sectionOf(read('ip-rule.json')));
    const pretty = iprouteJson.parse(sectionOf(read('ip-p-rule.json')));
    expect(comparable(pretty.value)).toEqual(comparable(compact.value));
    expect(countLines(pretty.ledger).modelled).toBe(pretty.ledger.length);
  });

  test('a cut JSON text keeps the rows before the cut and does not speak for the rest', () => {
    const text = read('ip-route.json').slice(0, 300);
    const { value, diagnostics } = iprouteJson.parse(sectionOf(text));
    const routes = value.find((facts) => facts.kind === 'routes');
    expect(routes).toMatchObject({ complete: false });
    expect(routes?.rows.length).toBeGreaterThan(1);
    expect(diagnostics.map((one) => one.code)).toContain('iproute/bad-json');
  });

  test('an error in the place of JSON is a failed command, not an empty list', () => {
    const { value } = iprouteJson.parse(
      sectionOf('Object "foo" is unknown, try "ip help".\n', { command: 'ip -j foo' }),
    );
    expect(value.map((facts) => facts.kind)).toEqual(['failures']);
  });

  test('an empty list is an empty table where the command says of what', () => {
    const { value } = iprouteJson.parse(sectionOf('[ ]\n', { command: 'ip -j neigh' }));
    expect(value).toEqual([{ kind: 'neighbours', rows: [], complete: true }]);
    expect(iprouteJson.parse(sectionOf('[ ]\n')).value).toEqual([]);
  });
});
