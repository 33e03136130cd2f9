/** What a package exports says what it means: each name of its index has a docstring where it is declared. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

type Declared = ReadonlyMap<string, ts.Node>;

const read = new Map<string, Declared>();

/** The exports of a file, each with the statement that declares it, wherever that stands. */
function exportsOf(file: string): Declared {
  const known = read.get(file);
  if (known !== undefined) return known;
  const found = new Map<string, ts.Node>();
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement)) for (const [name, node] of passedOn(file, statement)) found.set(name, node);
    else for (const name of namesOf(statement)) found.set(name, statement);
  }
  read.set(file, found);
  return found;
}

function passedOn(file: string, { moduleSpecifier, exportClause }: ts.ExportDeclaration): Declared {
  if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return new Map();
  const from = exportsOf(fileURLToPath(new URL(moduleSpecifier.text.replace(/\.js$/, '.ts'), `file://${file}`)));
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return from;
  return new Map(
    exportClause.elements.flatMap(({ propertyName, name }) => {
      const node = from.get((propertyName ?? name).text);
      return node === undefined ? [] : [[name.text, node] as const];
    }),
  );
}

function namesOf(statement: ts.Statement): readonly string[] {
  const isExported = ts.canHaveModifiers(statement)
    ? ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    : false;
  if (isExported !== true) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  const { name } = statement as ts.DeclarationStatement;
  return name === undefined ? [] : [name.text];
}

it.each([
  ['core', 400],
  ['parsers', 20],
  ['rules', 40],
  ['bundle', 5],
] as const)('every export of %s has a docstring', (name, atLeast) => {
  const all = exportsOf(fileURLToPath(new URL(`../../packages/${name}/src/index.ts`, import.meta.url)));
  expect(all.size).toBeGreaterThan(atLeast);
  const silent = [...all].filter(([, node]) => !ts.getJSDocCommentsAndTags(node).some(ts.isJSDoc));
  expect(silent.map(([export_]) => export_)).toEqual([]);
});
