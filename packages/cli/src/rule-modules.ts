/** `--rules FILE`: rules of the user's own, from an ES module that exports them by `defineRule`. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Rule } from '@coldtrace/rules';
import { UsageError } from './exit-status.js';

/** The built-in rules and those of the modules; an id may stand only once. */
export async function withOwnRules(builtin: readonly Rule[], paths: readonly string[]): Promise<readonly Rule[]> {
  const all = [...builtin];
  for (const path of paths) {
    for (const rule of await rulesIn(path)) {
      if (all.some(({ id }) => id === rule.id))
        throw new UsageError(`--rules: ${path}: there is a rule ${rule.id} already`);
      all.push(rule);
    }
  }
  return all;
}

async function rulesIn(path: string): Promise<readonly Rule[]> {
  let module: unknown;
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw new UsageError(
      `--rules: ${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const exported = [
    fieldOf(module, 'default'),
    fieldOf(module, 'rules'),
    ...(isRecord(module) ? Object.values(module) : []),
  ];
  const rules = [...new Set(exported.flat().filter(isRule))];
  if (rules.length === 0) throw new UsageError(`--rules: ${path} exports no rule; make one with defineRule`);
  return rules;
}

function isRule(value: unknown): value is Rule {
  return isRecord(value) && typeof fieldOf(value, 'id') === 'string' && typeof fieldOf(value, 'run') === 'function';
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function fieldOf(value: unknown, key: string): unknown {
  return isRecord(value) ? Reflect.get(value, key) : undefined;
}
