/** `-m osf`: passive fingerprint of the sender's operating system. iptables-extensions(8); net/netfilter/xt_osf.c. */
import { tcpFlag } from '../../packet/skb.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, option, type Refusal, refuse } from '../extension.js';
import { integer, pick, printed } from '../value.js';
import { cutText } from './cut-text.js';

export interface OsfMatch {
  readonly genre: string;
  readonly invert: boolean;
  readonly ttl: number | null;
  readonly log: number | null;
}

const level = integer('level', 0, 2);

const genreName = cutText('genre', 31, (choose) => pick(choose, ['Linux', 'FreeBSD', 'unknown', 'Windows']));

export const osf = defineMatch({
  name: 'osf',
  families: [4],
  protos: [6],
  hooks: ['PREROUTING', 'INPUT', 'FORWARD'],
  options: { genre: negatable(genreName), ttl: option(level), log: option(level) },
  sample: (choose, cx) => [
    ...printed('--genre', genreName.sample(choose, cx), choose(3) === 0),
    ...(choose(2) === 0 ? ['--ttl', `${choose(3)}`] : []),
    ...(choose(2) === 0 ? ['--log', `${choose(3)}`] : []),
  ],
  build: (given): OsfMatch | Refusal => {
    if (given.genre === undefined) return refuse('--genre is missing');
    const { value, invert } = given.genre;
    return { genre: value, invert, ttl: given.ttl?.value ?? null, log: given.log?.value ?? null };
  },
  save: (data) => [
    ...printed('--genre', [data.genre], data.invert),
    ...(data.ttl === null ? [] : ['--ttl', `${data.ttl}`]),
    ...(data.log === null ? [] : ['--log', `${data.log}`]),
  ],
  loses: (data) => (/\s|^$/.test(data.genre) ? 'that its genre is one word' : null),
  /** The listing shows neither --ttl nor --log. */
  listing: (cursor): OsfMatch | null => {
    const at = cursor.at;
    if (cursor.accept('OS', 'fingerprint', 'match')) {
      const invert = cursor.accept('!');
      const genre = cursor.take();
      if (genre !== null) return { genre, invert, ttl: null, log: null };
    }
    cursor.reset(at);
    return null;
  },
  /** Only a SYN has a fingerprint; anything else never matches, negated or not. */
  test: (data, { skb }): Tri => {
    if (skb.tcp !== null && (skb.tcp.flags & tcpFlag.SYN) === 0) return false;
    return skb.proto === 6 ? unknown(`whether the fingerprint is that of ${data.genre} is not known`) : false;
  },
});
