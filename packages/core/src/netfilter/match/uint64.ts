/** Whole numbers of 64 bits, kept as decimal text because no JavaScript number holds them. iptables: libxtables/xtables.c `xtables_strtoull`. */
import { type Refusal, refuse } from '../extension.js';
import { pick, word } from '../value.js';

const base0 = /^(?:0[xX][0-9a-fA-F]{1,16}|0[0-7]{0,22}|[1-9][0-9]{0,19})$/;
const greatest = 0xffffffffffffffffn;

/** Read in base 0 as strtoull(3) does; the value is its decimal form. */
export const uint64 = word(
  'value',
  (value): string | Refusal => {
    if (!base0.test(value)) return refuse(`"${value}" is not a number`);
    const octal = /^0[0-7]/.test(value);
    const number = BigInt(octal ? `0o${value.slice(1)}` : value);
    return number > greatest ? refuse(`${value} has more than 64 bits`) : number.toString();
  },
  (choose) => pick(choose, ['0', '1', '0x10', '010', '18446744073709551615', String(choose(0x7fffffff))]),
);
