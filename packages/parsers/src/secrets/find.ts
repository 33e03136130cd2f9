/** Finds every secret of a text in one pass: two expressions of literals skip what cannot be one, and finders look closely at each hit. */
import { findKeyed } from './keyed.js';
import { findPrivateKey } from './private-key.js';
import { openSearch, type Search, type Secret } from './secret.js';
import { findSecretObject } from './secret-object.js';
import { findAwsKeyId, findBearer, findBootstrapTokens, findJwt, findNodeToken, findUrlPassword } from './tokens.js';

/** Parts of key names of about one length: such literals together skip through a text fastest. `y-data`, `e-data`: `client-key-data`, `client-certificate-data`. */
const names =
  /token|secret|passwo|passwd|privat|bearer|horiza|y-data|e-data|presha|passph|thpass|h_pass|er-key|on psk/gi;
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
  if (hit === 'bearer') findBearer(search, at);
  else if (hit === 'privat' && search.text.startsWith('PRIVATE', at)) findPrivateKey(search, at);
  else if (hit === 'secret') findSecretObject(search, at);
  findKeyed(search, hit === 'on psk' ? at + 3 : at);
  return hit === 'token';
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
