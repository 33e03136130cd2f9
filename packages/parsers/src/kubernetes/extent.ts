/** Where a YAML or JSON text of API objects begins and certainly ends, for objects that stand in the middle of other text. */

import { jsonExtent } from '../text/json.js';

/** Keys that objects of the API machinery have at their top (Kubernetes API reference, component configs included). */
const topKeys: ReadonlySet<string> = new Set([
  ...[
    'apiVersion',
    'kind',
    'metadata',
    'spec',
    'status',
    'data',
    'binaryData',
    'stringData',
    'immutable',
    'type',
    'items',
  ],
  ...[
    'subsets',
    'endpoints',
    'ports',
    'addressType',
    'rules',
    'roleRef',
    'subjects',
    'webhooks',
    'secrets',
    'parameters',
  ],
  ...[
    'provisioner',
    'involvedObject',
    'reason',
    'message',
    'count',
    'source',
    'clusters',
    'contexts',
    'users',
    'preferences',
  ],
  ...['current-context', 'aggregationRule', 'automountServiceAccountToken', 'code', 'details'],
]);

/** Whether a line at column 0 can only be an object's field: `apiVersion: v1`, `- apiVersion: v1`, `kind: Service`. */
export function opensObject(line: string): boolean {
  const from = line.startsWith('- ') ? 2 : 0;
  if (line.startsWith('apiVersion: ', from)) return isApiVersion(line.slice(from + 12).trim());
  return (
    line.startsWith('kind: ', from) &&
    !line.endsWith('Configuration') &&
    /^[A-Z][A-Za-z0-9]{1,62}$/.test(line.slice(from + 6).trim())
  );
}

/** Component configurations have a format of their own. */
function isApiVersion(text: string): boolean {
  if (text.includes('.config.k8s.io/')) return false;
  return text.length < 128 && /^"?(?:[a-z][a-z0-9.-]*\/)?v\d+(?:(?:alpha|beta)\d+)?"?$/.test(text);
}

/** Whether a line may stand inside an object in YAML: indented, a list item, a known top key, blank, a comment or a separator. */
function fitsObject(line: string): boolean {
  if (line === '' || line[0] === ' ' || line[0] === '#') return true;
  if (line.startsWith('- ') || line === '-' || line === '---' || line === '...') return true;
  const colon = line.indexOf(':');
  if (colon < 1 || colon > 40) return false;
  const next = line[colon + 1];
  if (next !== undefined && next !== ' ' && next !== '\r') return false;
  const key = line.slice(0, colon);
  if (topKeys.has(key)) return true;
  // A component's configuration has any key in camel case, with at most one word or a flow collection after it.
  return /^[a-z][A-Za-z0-9]*$/.test(key) && /^ ?(?:[^\s]*|"[^"]*"|[[{].*)\r?$/.test(line.slice(colon + 1));
}

/** End of the objects that start at an offset: YAML, or JSON texts one after the other; null for JSON that never closes. */
export function objectsEnd(text: string, start: number): number | null {
  let at = start;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t') at++;
  if (text[at] !== '{' && text[at] !== '[') return yamlEnd(text, start);
  let end: number | null = null;
  while (text[at] === '{' || text[at] === '[') {
    const close = jsonExtent(text, at);
    if (close === null) break;
    end = text[close] === '\n' ? close + 1 : close;
    at = close;
    while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t') at++;
  }
  return end;
}

/** End of the YAML that starts at an offset, trailing blank lines left to what follows. */
function yamlEnd(text: string, start: number): number {
  let end = start;
  for (let at = start; at < text.length; ) {
    const feed = text.indexOf('\n', at);
    const next = feed < 0 ? text.length : feed + 1;
    const line = text.slice(at, feed < 0 ? text.length : feed);
    if (!fitsObject(line)) break;
    if (line.trim() !== '') end = next;
    at = next;
  }
  return end;
}

/** How sure it is that a whole text is API objects. */
export function looksLikeObjects(text: string): number {
  const head = text.slice(0, 1 << 16);
  const first = head.trimStart()[0];
  if (first === '{' || first === '[') {
    if (/"apiVersion"\s{0,9}:/.test(head) && /"kind"\s{0,9}:/.test(head)) return 0.95;
    return 0;
  }
  if (!/^(?:- )?apiVersion: /m.test(head) && !/^apiVersion:/m.test(head)) return 0;
  return /^(?:- | {2})?kind: /m.test(head) ? 0.95 : 0.6;
}
