/** The bundled harness runs from a `dist` beside the sources; programs and fixtures stay with the sources. */
export function sourceFolder(url: string): string {
  return url.replace('/referee/dist/', '/referee/');
}
