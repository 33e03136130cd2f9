/** `-m helper`: connections that a conntrack helper expected. iptables-extensions(8); net/netfilter/xt_helper.c. */
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, refuse } from '../extension.js';
import { quote } from '../quote.js';
import { pick, printed, utf8Length, word } from '../value.js';

export interface HelperMatch {
  /** Empty: any helper. */
  readonly helper: string;
  readonly invert: boolean;
}

/** The tool keeps this many bytes of a name. */
const longest = 29;

const helperName = word(
  'string',
  (text) => {
    let name = text.slice(0, longest);
    while (utf8Length(name) > longest) name = name.slice(0, -1);
    return name;
  },
  (choose) => pick(choose, ['ftp', 'ftp-2121', 'sip', 'netbios-ns', 'a b', '01234567890123456789012345678']),
);

export const helper = defineMatch({
  name: 'helper',
  families: [4, 6],
  options: { helper: negatable(helperName) },
  build: (given) =>
    given.helper === undefined
      ? refuse('--helper is missing')
      : { helper: given.helper.value, invert: given.helper.invert },
  save: (data: HelperMatch) => printed('--helper', [quote(data.helper)], data.invert),
  listing: (cursor): HelperMatch | null => {
    const at = cursor.at;
    if (cursor.accept('helper', 'match')) {
      const invert = cursor.accept('!');
      const words = [cursor.take() ?? ''];
      for (let last = words[0] ?? ''; !closes(last, words.length) && cursor.peek() !== null; ) {
        last = cursor.take() ?? '';
        words.push(last);
      }
      const name = /^"(.*)"$/.exec(words.join(' '))?.[1];
      if (name !== undefined) return { helper: name, invert };
    }
    cursor.reset(at);
    return null;
  },
  test: (data, { skb }): Tri => {
    // A new connection is by definition one that nobody expected, and so are those that such a packet began.
    if (skb.ct === null || skb.ctState === 'NEW' || skb.ct.expected === false) return data.invert;
    return unknown('which helper expected the connection is not known', 'conntrack');
  },
});

/** A quotation mark that stands alone opens the name when it is the first word and closes it otherwise. */
function closes(word: string, count: number): boolean {
  return word.endsWith('"') && (word !== '"' || count > 1);
}
