/** `-j CLASSIFY`: the packet's class for the queueing discipline. iptables-extensions(8); net/netfilter/xt_CLASSIFY.c. */
import { type Choose, defineTarget, option, type Refusal, refuse } from '../extension.js';
import { pick, word } from '../value.js';

export interface ClassifyTarget {
  readonly major: number;
  readonly minor: number;
}

const classId = word(
  'major:minor',
  (text): ClassifyTarget | Refusal => readClass(text) ?? refuse(`"${text}" is no class`),
  (choose) => pick(choose, [`${hex(choose)}:${hex(choose)}`, '0:0', 'ffff:FFFF', '0x1:0x2', '10000:1']),
);

function hex(choose: Choose): string {
  return choose(65536).toString(16);
}

/** Two hexadecimal numbers; what is above 16 bits is cut off, what follows them is not looked at: sscanf(3). */
function readClass(text: string): ClassifyTarget | null {
  const parts = /^(?:0[xX])?([0-9a-fA-F]{1,16}):(?:0[xX])?([0-9a-fA-F]{1,16})/.exec(text);
  if (parts === null) return null;
  const [, major = '', minor = ''] = parts;
  return { major: Number.parseInt(major.slice(-4), 16), minor: Number.parseInt(minor.slice(-4), 16) };
}

export const classify = defineTarget({
  name: 'CLASSIFY',
  families: [4, 6],
  hooks: ['OUTPUT', 'FORWARD', 'POSTROUTING'],
  options: { 'set-class': option(classId) },
  build: (given): ClassifyTarget | Refusal => given['set-class']?.value ?? refuse('--set-class is missing'),
  save: ({ major, minor }) => ['--set-class', `${fourDigits(major)}:${fourDigits(minor)}`],
  listing: (cursor): ClassifyTarget | null =>
    cursor.accept('CLASSIFY', 'set') ? readClass(cursor.take() ?? '') : null,
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});

function fourDigits(value: number): string {
  return value.toString(16).padStart(4, '0');
}
