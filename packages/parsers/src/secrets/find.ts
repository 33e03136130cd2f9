/** Finds every secret of a text: one pass over literals skips what cannot be one, and finders look closely at each hit. */
import { directiveFinder } from './directives.js';
import { findBase64Key, findKeyNumbers } from './encoded-key.js';
import { findKeyed } from './keyed.js';
import { findBehindNumbers } from './numbered.js';
import { findPrivateKey } from './private-key.js';
import { literalsOf, scanLiterals } from './scan.js';
import { openSearch, type Search, type Secret } from './secret.js';
import { findSecretObject, findSecretPrint } from './secret-object.js';
import {
  findAwsKeyId,
  findBearer,
  findBootstrapTokens,
  findCryptHash,
  findCurlUser,
  findHostToken,
  findJwt,
  findLiteral,
  findNodeToken,
  findPasswordFlag,
  findShortFlag,
  findUrlPassword,
  findUserFlag,
  findXfrmKey,
} from './tokens.js';

type Finder = (search: Search, at: number) => void;

const each = (literals: readonly string[], finder: Finder): readonly (readonly [string, Finder])[] =>
  literals.map((literal) => [literal, finder]);

/** Parts of the names of keys: `y-data` and `e-data` of `client-key-data` and `client-certificate-data`. */
const names =
  'pass: pass= pwd: pwd= credential encrypt accountkey authtok token secret passwo passwd bearer authoriz y-data e-data presha passph _pass -pass requirepass er-key api_key apikey api-key cookie "auth access-key accesskey access_key privatekey private_key private-key certificate-key certificatekey'.split(
    ' ',
  );

const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789'];

const literals = literalsOf<Finder>([
  ...each(names, findKeyed),
  ...each([' psk:', ' psk ', 'psk=', ' auth:', 'private key:', 'preshared key:'], (search, at) =>
    findKeyed(search, search.text[at] === ' ' ? at + 1 : at),
  ),
  ...each(['bearer'], findBearer),
  ...each(['private'], findPrivateKey),
  ...each(['secret'], findSecretObject),
  ...each(['secret'], findSecretPrint),
  ...each(['.eyj', 'eyjhbg', 'eyj0ex', 'eyjraw', 'eyjlbm', 'eyj6ax'], findJwt),
  ...each(
    letters.map((letter) => `${letter}://`),
    (search, at) => findUrlPassword(search, at + 1),
  ),
  ...each(
    letters.map((letter) => `k10${letter}`),
    findNodeToken,
  ),
  ...each(['akia', 'asia'], findAwsKeyId),
  ...each(['curl '], findCurlUser),
  ...each(['--user'], findUserFlag),
  ...each(['docker login', 'sshpass', 'mysql'], findPasswordFlag),
  ...each(['--from-literal'], findLiteral),
  ...each(['agent -t ', 'server -t '], findShortFlag),
  ...each([':$1$', ':$2a$', ':$2b$', ':$2y$', ':$5$', ':$6$', ':$y$', ':$apr1$'], findCryptHash),
  ...each(
    [
      'ghp_',
      'gho_',
      'ghs_',
      'ghu_',
      'github_pat_',
      'glpat-',
      'xoxb-',
      'xoxp-',
      'npm_',
      'aiza',
      'dop_v1_',
      'hvs.',
      'sk-ant-',
      'sk-proj-',
      'sk_live_',
      'rk_live_',
    ],
    findHostToken,
  ),
  ...each(['hmac(', 'digest_', 'cbc(', 'ecb(', 'rfc4', 'rfc3', 'rfc7'], findXfrmKey),
  ...each(['community', 'com2sec', 'trapsink', 'trap2sink', 'informsink'], directiveFinder('community')),
  ...each(
    ['snmpwalk', 'snmpget', 'snmpbulk', 'snmpset', 'snmptable', 'snmptrap', 'snmpinform', 'snmpstatus', 'createuser'],
    directiveFinder('snmp'),
  ),
  ...each([': psk ', ': xauth ', ': eap ', ':psk ', 'ipsec-psk', 'wpa-psk', 'pre-shared-key'], directiveFinder('psk')),
  ...each(
    [
      'secret',
      'password',
      'passwd',
      'passwort',
      'passphrase',
      'token is',
      'token was',
      'radius',
      'tacacs',
      'key-string',
      'authentication-key',
      'auth-pass',
    ],
    directiveFinder('password'),
  ),
  ...each(['masterauth', 'masteruser', 'bindpw', 'bind_pw', 'bindpassword', 'authtok'], directiveFinder('bind')),
  ...each(['redis-cli', 'htpasswd', 'etcdctl_user'], directiveFinder('program')),
  ...each(
    [
      'privatekey>',
      'apikey>',
      'token>',
      'secret>',
      'password>',
      'passwd>',
      'token"',
      'password"',
      'secret"',
      'apikey"',
    ],
    directiveFinder('markup'),
  ),
  ...each(['ls0tls1c'], findBase64Key),
  ...each(
    ['priv:', 'privateexponent:', 'prime1:', 'prime2:', 'exponent1:', 'exponent2:', 'coefficient:'],
    findKeyNumbers,
  ),
]);

/** The secrets of a text in ascending order, none overlapping. Time is linear in the text. */
export function findSecrets(text: string): readonly Secret[] {
  const behind = findBehindNumbers(text, secretsIn);
  return behind.length === 0 ? secretsIn(text) : merge([...secretsIn(text), ...behind]);
}

function secretsIn(text: string): readonly Secret[] {
  const search = openSearch(text);
  scanLiterals(text, literals, (at, finder) => finder(search, at));
  if (search.tokens) findBootstrapTokens(search);
  return merge(search.found);
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
