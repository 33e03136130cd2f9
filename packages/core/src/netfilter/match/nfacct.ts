/** `-m nfacct`: counts into a named object and always matches. iptables-extensions(8); net/netfilter/xt_nfacct.c. */
import { unknown } from '../../tri.js';
import { defineMatch, isRefusal, option, refuse } from '../extension.js';
import { quote } from '../quote.js';
import { takeQuoted } from '../quoted-listing.js';
import { text } from '../value.js';

export interface NfacctMatch {
  readonly object: string;
}

const longestName = 31;
const objectName = text('name', longestName);

export const nfacct = defineMatch({
  name: 'nfacct',
  families: [4, 6],
  options: { 'nfacct-name': option(objectName) },
  build: (given) => {
    const name = given['nfacct-name'];
    return name === undefined ? refuse('--nfacct-name is missing') : { object: name.value };
  },
  /** Two blanks stand before the name. */
  save: (data: NfacctMatch) => ['--nfacct-name', '', quote(data.object)],
  listing: (cursor, cx): NfacctMatch | null => {
    const at = cursor.at;
    if (cursor.accept('nfacct-name')) {
      const name = objectName.read([takeQuoted(cursor) ?? ''], cx);
      if (!isRefusal(name)) return { object: name };
    }
    cursor.reset(at);
    return null;
  },
  /** An object with a quota stops matching when it is used up, and no dump shows its quota. */
  test: (data) =>
    unknown(`whether the accounting object ${data.object} has a quota, and how much is left, is not known`),
});
