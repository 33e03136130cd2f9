/**
 * Text that no tool prints but somebody will feed us: each a function of its size, so that a test can ask both
 * "does it throw" at full size and "is it linear" by comparing two sizes.
 */

export interface Hostile {
  readonly name: string;
  /** The size at which the text must still be read: bytes of a line, members, chains or levels. */
  readonly full: number;
  readonly text: (size: number) => string;
}

const MIB = 1024 * 1024;

/** How lines of the formats begin: past these, a parser believes that it knows what it reads. */
export const OPENERS: readonly string[] = [
  '',
  '-A INPUT ',
  '-A INPUT -m comment --comment "',
  ':',
  '*',
  'Members:\n',
  'Header: ',
  'add set ',
  'default via ',
  '10.0.0.0/8 dev ',
  '2: eth0: <',
  '    inet ',
  '0:\tfrom ',
  'net.ipv4.conf.',
  'net.ipv4.ip_forward = ',
  'Chain ',
  'root@node-1:~# ',
  '# ',
  '{"a":',
];

/** What such a line is then filled with; each has made some expression backtrack. */
export const FILLERS: readonly string[] = [
  ' ',
  '\t',
  ' \t',
  'a',
  'a ',
  '0',
  '-',
  '--a ',
  '! ',
  '"',
  '\\',
  '\\"',
  ':',
  '.',
  ',',
  '/',
  '[',
  '\u001b[',
  '\r',
  'é',
];

/** One line of `bytes` characters, without a line end: a capture may stop anywhere. */
function longLine(opener: string, filler: string, bytes: number): string {
  return opener + filler.repeat(Math.ceil(bytes / filler.length)).slice(0, bytes);
}

/** Every opener with every filler, then one ordinary line: nothing may be lost after the hostile one. */
export function* longLines(bytes: number): Generator<Hostile> {
  for (const opener of OPENERS) {
    for (const filler of FILLERS) {
      const name = `a line of ${JSON.stringify(filler)} after ${JSON.stringify(opener)}`;
      yield { name, full: bytes, text: (size) => `${longLine(opener, filler, size)}\nnet.ipv4.ip_forward = 1\n` };
    }
  }
}

const filter = (chains: string, rules: string): string =>
  `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${chains}${rules}COMMIT\n`;

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');

/** Names that sort as numbers do, so that the text is what `iptables-save` prints. */
const chain = (index: number): string => `C${String(index).padStart(6, '0')}`;

const member = (index: number): string => `10.${(index >>> 16) & 255}.${(index >>> 8) & 255}.${index & 255}`;

export const manyMembers = (count: number): string =>
  `Name: many\nType: hash:ip\nRevision: 6\nHeader: family inet hashsize 65536 maxelem 131072 bucketsize 12 initval 0x1\n` +
  `Size in memory: ${count * 16}\nReferences: 0\nNumber of entries: ${count}\nMembers:\n${lines(count, member)}`;

export const manySavedMembers = (count: number): string =>
  `create many hash:ip family inet hashsize 65536 maxelem 131072\n${lines(count, (index) => `add many ${member(index)}`)}`;

export const manyChains = (count: number): string =>
  filter(
    lines(count, (index) => `:${chain(index)} - [0:0]`),
    lines(count, (index) => `-A ${chain(index)} -j RETURN`),
  );

/** INPUT jumps into a row of `depth` chains, the last of which accepts. Legacy walks 200; nft refuses 16. */
export const nestedJumps = (depth: number): string =>
  filter(
    lines(depth, (index) => `:${chain(index)} - [0:0]`),
    `-A INPUT -j ${chain(0)}\n` +
      lines(depth, (index) => `-A ${chain(index)} -j ${index + 1 < depth ? chain(index + 1) : 'ACCEPT'}`),
  );

/** `length` chains in a ring, and a chain that jumps to itself. Both backends refuse to load either. */
export const jumpLoop = (length: number): string =>
  filter(
    `${lines(length, (index) => `:${chain(index)} - [0:0]`)}:SELF - [0:0]\n`,
    `-A INPUT -j ${chain(0)}\n-A INPUT -j SELF\n` +
      `${lines(length, (index) => `-A ${chain(index)} -j ${chain((index + 1) % length)}`)}-A SELF -g SELF\n`,
  );

/** Each level quotes the whole level below as iptables-save does, so the text doubles: 18 levels are half a MiB. */
export function nestedQuotes(depth: number): string {
  let quoted = 'a b';
  for (let level = 0; level < depth; level++) quoted = `"${quoted.replaceAll(/["\\]/g, '\\$&')}"`;
  return filter('', `-A INPUT -m comment --comment ${quoted} -j ACCEPT\n-A INPUT -j DROP\n`);
}

const openQuotes = (count: number): string =>
  filter(
    '',
    lines(count, (index) => `-A INPUT -m comment --comment "line ${index} -j ACCEPT`),
  );

/** Bytes that a damaged disk or a wrong decoder leaves: NULs, lone surrogates, replacement marks, controls. */
export const badCharacters = (count: number): string =>
  filter(
    lines(count, (index) => `:${BAD[index % BAD.length] ?? ''}X${index} - [0:0]`),
    lines(count, (index) => `-A INPUT -m comment --comment "${BAD[index % BAD.length] ?? ''}" -j AC${BAD[0]}CEPT`),
  );

const BAD = [
  '\0',
  '\ud800',
  '\udc00',
  '\udc00\ud800',
  '\ufffd',
  '\ufeff',
  '\u2028',
  '\u0085',
  '\v\f',
  '\u202e',
  '\x7f',
];

export const HOSTILE: readonly Hostile[] = [
  { name: 'members in an ipset list', full: 100_000, text: manyMembers },
  { name: 'members in an ipset save', full: 100_000, text: manySavedMembers },
  { name: 'chains', full: 80_000, text: manyChains },
  { name: 'nested jumps', full: 200, text: nestedJumps },
  { name: 'chains in a jump loop', full: 1_000, text: jumpLoop },
  { name: 'nested quotes', full: 18, text: nestedQuotes },
  { name: 'quotes that stay open', full: 10_000, text: openQuotes },
  { name: 'characters that are none', full: 10_000, text: badCharacters },
  { name: 'empty lines', full: MIB, text: (size) => '\n'.repeat(size) },
  { name: 'tables that begin and never end', full: 10_000, text: (size) => '*filter\n'.repeat(size) },
];
