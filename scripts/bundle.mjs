// One file from the built command, with what it otherwise reads beside its modules: its version and the documents of the rules.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Bundles `entry` into `outfile`; `options` are esbuild's, `banner` are lines that stand first. */
export async function bundle(entry, outfile, { banner = [], plugins = [], ...options }) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
    metafile: true,
    ...options,
    plugins: [...plugins, quietBuffers],
    banner: {
      js: [
        ...banner,
        `globalThis.coldtraceVersion = ${JSON.stringify(version())};`,
        `globalThis.coldtraceRuleDocuments = ${JSON.stringify(documents())};`,
      ].join('\n'),
    },
  });
  const script = outputFiles.map(({ text }) => inAscii(text)).join('');
  writeFileSync(outfile, `${script}${licences(Object.keys(metafile.inputs))}`);
}

/** What others wrote may be passed on with their terms alone. */
function licences(inputs) {
  const packages = inputs.flatMap(
    (path) => /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(path)?.slice(1, 3).join('\n') ?? [],
  );
  return [...new Set(packages)]
    .sort()
    .map((found) => {
      const [folder, name] = found.split('\n');
      const path = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
      if (path === undefined) throw new Error(`${name} carries no licence`);
      return `/*\n${name}\n\n${inAscii(readFileSync(join(folder, path), 'utf8').trim().replaceAll('*/', '* /'))}\n*/\n`;
    })
    .join('');
}

/** A plugin for esbuild: what the command imports when it is needed is imported at once, so that modules need no wrappers. */
export const allAtOnce = {
  name: 'all-at-once',
  setup({ onLoad }) {
    onLoad({ filter: /packages[/\\]cli[/\\]dist[/\\].*\.js$/ }, ({ path }) => {
      const imports = [];
      const contents = readFileSync(path, 'utf8').replace(/await import\(('[^']+')\)/g, (_, from) => {
        imports.push(`import * as module${imports.length}AtOnce from ${from};`);
        return `module${imports.length - 1}AtOnce`;
      });
      return { contents: `${imports.join('')}${contents}`, loader: 'js' };
    });
  },
};

/** Outside of node_modules, Node warns of what seek-bzip still calls (DEP0005). */
const quietBuffers = {
  name: 'quiet-buffers',
  setup({ onLoad }) {
    onLoad({ filter: /seek-bzip[/\\]lib[/\\].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('new Buffer(', 'Buffer.alloc('),
      loader: 'js',
    }));
  },
};

/** One character beyond Latin-1, and V8 keeps each of millions in two bytes. esbuild leaves those in regular expressions as they are. */
function inAscii(script) {
  return script.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function version() {
  return JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8')).version;
}

function documents() {
  const rules = join(root, 'packages/rules/src');
  return Object.fromEntries(
    readdirSync(rules)
      .map((id) => [id, join(rules, id, 'rule.md')])
      .filter(([, path]) => existsSync(path))
      .map(([id, path]) => [id, readFileSync(path, 'utf8')]),
  );
}
