/** print(parse(x)) = x for what iproute2 6.1 printed. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PolicyRule, Route } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { sectionOf } from '../testing.js';
import { printRoutes, printRules } from './index.js';
import { parseRoutes } from './route/parse.js';
import { parseRules } from './rule/parse.js';

const read = (name: string) => readFileSync(fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url)), 'utf8');

const routesIn = (text: string): readonly Route[] =>
  parseRoutes(sectionOf(text)).value.flatMap((facts) => (facts.kind === 'routes' ? facts.rows : []));
const rulesIn = (text: string): readonly PolicyRule[] =>
  parseRules(sectionOf(text)).value.flatMap((facts) => (facts.kind === 'policy-rules' ? facts.rows : []));

describe('printing what was read', () => {
  test.each(['ip-route-table-all.txt', 'ip-route.txt', 'ip-6-route.txt', 'ip-uml-route-table-all.txt'])(
    '%s',
    (name) => {
      const text = read(name);
      expect(printRoutes(routesIn(text))).toBe(text);
    },
  );

  test.each(['ip-rule.txt', 'ip-6-rule.txt', 'ip-d-rule.txt'])('%s', (name) => {
    const text = read(name);
    expect(printRules(rulesIn(text))).toBe(text);
  });

  test('-o joins the lines of a multipath route, the rows are the same', () => {
    expect(printRoutes(routesIn(read('ip-o-route-table-all.txt')))).toBe(read('ip-route-table-all.txt'));
  });

  test('-d adds what is hidden by default, numbers (-N) become the names', () => {
    const details = routesIn(read('ip-d-route-table-all.txt')).map((route) => ({
      ...route,
      protocol: route.protocol === 'boot' ? null : route.protocol,
      scope: route.scope === 'global' ? null : route.scope,
    }));
    expect(printRoutes(details)).toBe(read('ip-route-table-all.txt'));
    expect(printRoutes(routesIn(read('ip-n-route-table-all.txt')))).toBe(read('ip-route-table-all.txt'));
  });
});
