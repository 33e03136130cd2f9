/** The bundled harnesses run from a `dist` beside their sources; programs and fixtures stay with the sources. */
export function sourceFolder(url: string): string {
  return url.replace(/\/(referee|cluster)\/dist\//, '/$1/');
}
