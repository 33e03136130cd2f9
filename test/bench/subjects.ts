/** What the benchmark measures: one function from the built parsers, so that a real installation is what is timed. */

/** Parses one `iptables-save` dump; what it returns is held while memory is counted. */
export type Subject = (text: string) => unknown;

/** The parsers of this repository, seen from the compiled benchmark in `test/bench/dist/bench`. */
export const BUILT_PARSERS = new URL('../../../../packages/parsers/dist/index.js', import.meta.url);

/** Loads the subject from a built `@coldtrace/parsers`, this repository's or another build to compare with. */
export async function loadSubject(parsers: URL): Promise<Subject> {
  const module: unknown = await import(parsers.href);
  const parseSnapshot = member(module, 'parseSnapshot');
  if (typeof parseSnapshot !== 'function') throw new Error(`${parsers.href} does not export parseSnapshot`);
  return (text) => parseSnapshot(new Map([['iptables-save.txt', text]]));
}

function member(module: unknown, name: string): unknown {
  return typeof module === 'object' && module !== null ? Reflect.get(module, name) : undefined;
}
