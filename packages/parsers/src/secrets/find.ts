/** Finds every secret of a text in one pass: two expressions of literals skip what cannot be one, and finders look closely at each hit. */
import { findKeyed } from './keyed.js';
import { findPrivateKey } from './private-key.js';
import { openSearch, type Search, type Secret } from './secret.js';
import { findSecretObject } from './secret-object.js';
import { findAwsKeyId, findBearer, findBootstrapTokens, findJwt, findNodeToken, findUrlPassword } from './tokens.js';

/** Parts of key names, four letters each: the engine skips such literals fastest. `y-da`, `e-da`: `client-key-data`, `client-certificate-data`. */
const names = /oken|assw|assp|hpas|h_pa|cret|vate|y-da|e-da|arer|hare|horiz|er-Key|n PSK/gi;
const shapes = /eyJ|:\/\/|K10|AKIA|ASIA/g;

/** The secrets of a text in ascending order, none overlapping. Time is linear in the text. */
export function findSecrets(text: string): readonly Secret[] {
  const search = openSearch(text);
  let tokens = false;
  for (const match of text.matchAll(names)) tokens = examineName(search, match[0].toLowerCase(), match.index) || tokens;
  for (const match of text.matchAll(shapes)) examineShape(search, match[0], match.index);
  if (tokens) findBootstrapTokens(search);
  return merge(search.found);
}

/** True when the hit speaks of tokens. */
function examineName(search: Search, hit: string, at: number): boolean {
  if (hit === 'arer') findBearer(search, at);
  else if (hit === 'vate' && search.text.startsWith('PRIVATE', at - 3)) findPrivateKey(search, at - 3);
  if (hit === 'cret') findSecretObject(search, at - 1);
  findKeyed(search, hit === 'n psk' ? at + 2 : at);
  return hit === 'oken';
}

function examineShape(search: Search, hit: string, at: number): void {
  if (hit === 'eyJ') findJwt(search, at);
  else if (hit === '://') findUrlPassword(search, at);
  else if (hit === 'K10') findNodeToken(search, at);
  else findAwsKeyId(search, at);
}

function merge(found: readonly Secret[]): readonly Secret[] {
  const sorted = [...found].sort((x, y) => x.start - y.start || y.end - x.end);
  const merged: Secret[] = [];
  for (const one of sorted) {
    const last = merged.at(-1);
    if (last === undefined || one.start >= last.end) merged.push(one);
    else if (one.end > last.end) merged[merged.length - 1] = { ...last, end: one.end };
  }
  return merged;
}
