/** `-m u32`: numbers found by walking through the bytes of the packet. iptables-extensions(8); net/netfilter/xt_u32.c. */
import { inverted } from '../../tri.js';
import { defineMatch, isRefusal, negatable, type Refusal, refuse } from '../extension.js';
import { pick, printed, word } from '../value.js';
import { evaluateU32 } from './u32-bytes.js';
import { formatU32, readU32, type U32Test } from './u32-tests.js';

export interface U32Match {
  /** All of them must hold. */
  readonly tests: readonly U32Test[];
  readonly invert: boolean;
}

const expression = word(
  'tests',
  (value): readonly U32Test[] | Refusal => readU32(value),
  (choose) =>
    pick(choose, [
      '6&0xFF=1',
      '6&0xFF=0x6 && 4&0x1FFF=0 && 0>>22&0x3C@12>>26&0x3C@0>>24=0x16',
      '0=1,2:5,0x10:0x20',
      '0 >> 22 & 0x3C @ 4 = 1',
      '0<<2=1&&16=0x0a000001',
      '010=077',
      `${choose(60)}&0x${choose(0xffff).toString(16)}=${choose(0xffff)}:0xffffffff`,
    ]),
);

export const u32 = defineMatch({
  name: 'u32',
  families: [4, 6],
  options: { u32: negatable(expression) },
  build: (given) =>
    given.u32 === undefined ? refuse('--u32 is missing') : { tests: given.u32.value, invert: given.u32.invert },
  save: (data: U32Match) => printed('--u32', [`"${formatU32(data.tests)}"`], data.invert),
  listing: (cursor): U32Match | null => {
    const at = cursor.at;
    if (cursor.accept('u32')) {
      const invert = cursor.accept('!');
      const listed = cursor.take() ?? '';
      const tests =
        listed.length > 1 && listed.startsWith('"') ? readU32(listed.slice(1, -1)) : refuse('no expression');
      if (!isRefusal(tests)) return { tests, invert };
    }
    cursor.reset(at);
    return null;
  },
  test: (data, { skb }) => inverted(evaluateU32(data.tests, skb), data.invert),
});
