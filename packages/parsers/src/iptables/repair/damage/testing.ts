/** Rules as the tools print them, and what pasting does to them: for properties of the repairs. */
import fc from 'fast-check';

export interface Sound {
  readonly table: string;
  readonly chain: string;
  /** Words of the body; quoted ones hold blanks. */
  readonly words: readonly string[];
}

export function textOf({ chain, words }: Sound): string {
  return ['-A', chain, ...words].join(' ');
}

const octet = fc.integer({ min: 1, max: 254 });
const address = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'));
const prefix = fc
  .tuple(octet, octet, octet, fc.constantFrom(8, 16, 24, 32))
  .map(([a, b, c, length]) => `${a}.${length > 8 ? b : 0}.${length > 16 ? c : 0}.${length > 24 ? 9 : 0}/${length}`);
const port = fc.integer({ min: 1, max: 65535 }).map(String);
const device = fc.constantFrom('eth0', 'ens192', 'cali+', 'docker0', 'br-3f2a', 'lo', 'bond0.100');
const comment = fc.constantFrom(
  '"kubernetes service portals"',
  '"default/kubernetes:https cluster IP"',
  '"cali:O3lYWMrLQYEMJtB5"',
  '"say -j DROP – twice"',
  '"放行，内网"',
);
const negation = fc.constantFrom([], ['!']);

const parts = {
  src: fc.tuple(negation, prefix).map(([not, value]) => [...not, '-s', value]),
  dst: fc.tuple(negation, prefix).map(([not, value]) => [...not, '-d', value]),
  iif: fc.tuple(negation, device).map(([not, value]) => [...not, '-i', value]),
  proto: fc.oneof(
    fc
      .tuple(fc.constantFrom('tcp', 'udp'), fc.constantFrom('--dport', '--sport'), port)
      .map(([name, flag, value]) => ['-p', name, '-m', name, flag, value]),
    fc
      .tuple(fc.constantFrom('tcp', 'udp'), fc.constantFrom('--dports', '--sports'), port, port)
      .map(([name, flag, one, two]) => ['-p', name, '-m', 'multiport', flag, `${one},${two}`]),
    fc.constantFrom(
      ['-p', 'icmp', '-m', 'icmp', '--icmp-type', '8'],
      ['-p', 'tcp', '-m', 'tcp', '--tcp-flags', 'SYN,RST', 'SYN'],
    ),
  ),
  match: fc.oneof(
    comment.map((text) => ['-m', 'comment', '--comment', text]),
    fc.constantFrom(
      ['-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED'],
      ['-m', 'conntrack', '!', '--ctstate', 'INVALID'],
      ['-m', 'mark', '--mark', '0x4000/0x4000'],
      ['-m', 'mark', '!', '--mark', '0x10000/0x10000'],
      ['-m', 'addrtype', '--dst-type', 'LOCAL'],
      ['-m', 'addrtype', '!', '--src-type', 'LOCAL'],
      [
        '-m',
        'set',
        '--match-set',
        'cali40masq-ipam-pools',
        'src',
        '-m',
        'set',
        '!',
        '--match-set',
        'cali40all-ipam-pools',
        'dst',
      ],
      ['-m', 'statistic', '--mode', 'random', '--probability', '0.50000000000'],
      ['-m', 'limit', '--limit', '5/min'],
      ['-m', 'physdev', '--physdev-is-bridged'],
    ),
  ),
  filterTarget: fc.constantFrom(
    ['-j', 'ACCEPT'],
    ['-j', 'DROP'],
    ['-j', 'RETURN'],
    ['-j', 'KUBE-FORWARD'],
    ['-g', 'cali-tw-cali18bb3d8772f'],
    ['-j', 'REJECT', '--reject-with', 'icmp-port-unreachable'],
    ['-j', 'LOG', '--log-prefix', '"in: "'],
    ['-j', 'NFLOG', '--nflog-group', '7'],
  ),
  natTarget: fc.oneof(
    fc.constantFrom(
      ['-j', 'RETURN'],
      ['-j', 'MASQUERADE', '--random-fully'],
      ['-j', 'KUBE-SVC-NPX46M4PTMTKRN6Y'],
      ['-j', 'MARK', '--set-xmark', '0x4000/0x4000'],
    ),
    address.map((to) => ['-j', 'DNAT', '--to-destination', to]),
    address.map((to) => ['-j', 'SNAT', '--to-source', to, '--random-fully']),
  ),
};

const some = <T>(arbitrary: fc.Arbitrary<readonly T[]>) => fc.oneof(fc.constant([] as readonly T[]), arbitrary);
const body = (target: fc.Arbitrary<readonly string[]>) =>
  fc.tuple(some(parts.src), some(parts.dst), some(parts.proto), some(parts.match), target).map((lists) => lists.flat());

/** Rules of filter and nat; user chains, since built-in ones confine some targets. */
export const soundRule: fc.Arbitrary<Sound> = fc.oneof(
  fc.record({
    table: fc.constant('filter'),
    chain: fc.constantFrom('KUBE-FIREWALL', 'cali-FORWARD', 'DOCKER-USER'),
    words: body(parts.filterTarget),
  }),
  fc.record({
    table: fc.constant('filter'),
    chain: fc.constant('FORWARD'),
    words: fc.tuple(parts.iif, body(parts.filterTarget)).map((lists) => lists.flat()),
  }),
  fc.record({
    table: fc.constant('raw'),
    chain: fc.constant('PREROUTING'),
    words: fc
      .tuple(parts.iif, fc.constantFrom(['-m', 'rpfilter', '--validmark', '--invert'], ['-m', 'rpfilter', '--invert']))
      .map((lists) => [...lists.flat(), '-j', 'DROP']),
  }),
  fc.record({
    table: fc.constant('nat'),
    chain: fc.constantFrom('KUBE-SEP-ABCDEFGHIJKLMNOP', 'cali-nat-outgoing'),
    words: body(parts.natTarget),
  }),
);

type Damage = (rule: Sound, pick: number) => string;

const spoken = /^-{1,2}[a-z]/;
/** Applies a change to one of the words that it may change. */
const atOne =
  (
    fits: (word: string, words: readonly string[], at: number) => boolean,
    change: (word: string, pick: number) => string,
  ): Damage =>
  ({ chain, words }, pick) => {
    const all = ['-A', chain, ...words];
    const places = all.flatMap((word, at) => (fits(word, all, at) ? [at] : []));
    const place = places[pick % Math.max(places.length, 1)];
    return all.map((word, at) => (at === place ? change(word, pick) : word)).join(' ');
  };

const long = (word: string) => /^--[a-z]{2}/.test(word);
const unquoted = (text: string, change: (part: string) => string) =>
  text
    .split(/("(?:[^"]*)")/)
    .map((part) => (part.startsWith('"') ? part : change(part)))
    .join('');
const fullWidth = (text: string) =>
  text.replace(/[!-~]/g, (char) => (char === '"' ? char : String.fromCharCode(char.charCodeAt(0) + 0xfee0)));

/** Every kind of damage by name. What it makes of a rule must read as that rule again, or not at all. */
export const damages: Readonly<Record<string, Damage>> = {
  'an option in capitals': atOne(
    (word) => spoken.test(word),
    (word) => word.toUpperCase(),
  ),
  'an option with a capital': atOne(long, (word) => word.replace(/[a-z]/, (letter) => letter.toUpperCase())),
  'a verdict or target in small letters': atOne(
    (word, words, at) => words[at - 1] === '-j' && /^[A-Z]+$/.test(word),
    (word) => word.toLowerCase(),
  ),
  'a value in the other case': atOne(
    (_, words, at) =>
      /^--(?:ctstate|dst-type|src-type|reject-with|mode|tcp-flags|limit)$/.test(words[at - 1] ?? '') ||
      words[at - 1] === '-p',
    (word) => (word === word.toUpperCase() ? word.toLowerCase() : word.toUpperCase()),
  ),
  'a match in capitals': atOne(
    (_, words, at) => words[at - 1] === '-m',
    (word) => word.toUpperCase(),
  ),
  'one dash lost': atOne(long, (word) => word.slice(1)),
  'both dashes lost': atOne(
    (word) => spoken.test(word),
    (word) => word.replace(/^-+/, ''),
  ),
  'a dash too many': atOne(
    (word) => spoken.test(word),
    (word) => `-${word}`,
  ),
  'a letter doubled': atOne(long, (word, pick) => {
    const at = 2 + (pick % (word.length - 2));
    return word.slice(0, at) + (word[at] ?? '') + word.slice(at);
  }),
  'a letter lost': atOne(
    (word) => long(word) && !word.endsWith('ports'),
    (word, pick) => {
      const at = 2 + (pick % (word.length - 2));
      return word.slice(0, at) + word.slice(at + 1);
    },
  ),
  'two letters swapped': atOne(long, (word, pick) => {
    const at = 2 + (pick % Math.max(word.length - 3, 1));
    return word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2);
  }),
  'an option lost': (rule, pick) => {
    const all = ['-A', rule.chain, ...rule.words];
    const places = all.flatMap((word, at) => (long(word) && /^[^-!]/.test(all[at + 1] ?? '-') ? [at] : []));
    const place = places[pick % Math.max(places.length, 1)];
    return all.filter((_, at) => at !== place).join(' ');
  },
  'a match lost': (rule, pick) => {
    const all = ['-A', rule.chain, ...rule.words];
    const places = all.flatMap((word, at) => (word === '-m' ? [at] : []));
    const place = places[pick % Math.max(places.length, 1)] ?? -9;
    return all.filter((_, at) => at !== place && at !== place + 1).join(' ');
  },
  'no blank behind the mark': (rule) => unquoted(textOf(rule), (part) => part.replaceAll('! -', '!-')),
  'the mark at the value': (rule) => unquoted(textOf(rule), (part) => part.replace(/! (--?[a-z-]+) (\S)/g, '$1 !$2')),
  'the mark behind the option': (rule) =>
    unquoted(textOf(rule), (part) => part.replace(/! (--?[a-z-]+) (\S)/g, '$1 ! $2')),
  'en dashes': (rule) => unquoted(textOf(rule), (part) => part.replaceAll('--', '–').replaceAll('-', '–')),
  'em dashes': (rule) => unquoted(textOf(rule), (part) => part.replaceAll('--', '—')),
  'minus signs': (rule) => unquoted(textOf(rule), (part) => part.replaceAll('-', '−')),
  'full-width characters': (rule) => unquoted(textOf(rule), fullWidth),
  'no-break blanks': (rule) => unquoted(textOf(rule), (part) => part.replaceAll(' ', '\u00a0')),
  'zero-width blanks': (rule) => unquoted(textOf(rule), (part) => part.replaceAll(' ', ' \u200b')),
  'ideographic blanks': (rule) => unquoted(textOf(rule), (part) => part.replaceAll(' ', '\u3000')),
  'smart quotes': (rule) => textOf(rule).replace(/"([^"]*)"/g, '“$1”'),
  'HTML entities': (rule) => textOf(rule).replaceAll('&', '&amp;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  'a bullet': (rule) => `- ${textOf(rule)}`,
  'a number': (rule, pick) => `${(pick % 20) + 1}. ${textOf(rule)}`,
  backticks: (rule) => `\`${textOf(rule)}\``,
  bold: (rule) => `**${textOf(rule)}**`,
  'a prompt': (rule) => `$ ${textOf(rule)}`,
  'the command in small letters': (rule) => textOf(rule).replace('-A', '-a'),
  'a backslash before a line feed': (rule, pick) => {
    const all = ['-A', rule.chain, ...rule.words];
    const at = 2 + (pick % Math.max(all.length - 2, 1));
    return `${all.slice(0, at).join(' ')} \\\n  ${all.slice(at).join(' ')}`;
  },
  'a line feed for a blank': (rule, pick) => {
    const all = ['-A', rule.chain, ...rule.words];
    const at = 2 + (pick % Math.max(all.length - 2, 1));
    return `${all.slice(0, at).join(' ')}\n${all.slice(at).join(' ')}`;
  },
  'a line feed inside a word': (rule, pick) => {
    const text = textOf(rule);
    const at = 4 + rule.chain.length + (pick % Math.max(text.length - rule.chain.length - 5, 1));
    return `${text.slice(0, at)}\n${text.slice(at)}`;
  },
};
