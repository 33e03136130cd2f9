/** The language of `--u32`: `0>>22&0x3C@4=1,5:9&&6&0xFF=17`. iptables-extensions(8); iptables extensions/libxt_u32.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { type Refusal, refuse } from '../extension.js';

export type U32Operator = '&' | '<<' | '>>' | '@';

/** The four bytes at `offset`, changed by the operators in turn, lie in one of the ranges. */
export interface U32Test {
  readonly offset: number;
  readonly operations: readonly { readonly operator: U32Operator; readonly number: number }[];
  readonly ranges: readonly { readonly first: number; readonly last: number }[];
}

/** The kernel has room for so many of each. */
const most = 10;
const token = /\s*(?:([0-9][0-9A-Za-z]*)|(&&|<<|>>|[&@=,:]))\s*/y;

export function readU32(text: string): readonly U32Test[] | Refusal {
  const tokens = tokensOf(text);
  if (tokens === null) return refuse(`"${text}" holds something that is neither number nor operator`);
  const tests: U32Test[] = [];
  let next = 0;
  const number = () => parseUint32(tokens[next++] ?? '');
  do {
    const offset = number();
    const operations: U32Test['operations'][number][] = [];
    while (isOperator(tokens[next])) {
      const operator = tokens[next++] as U32Operator;
      const operand = number();
      if (operand === null) return refuse(`no number follows ${operator}`);
      operations.push({ operator, number: operand });
    }
    if (offset === null || tokens[next] !== '=') return refuse('a test is a place, = and values');
    const ranges: U32Test['ranges'][number][] = [];
    do {
      next++;
      const first = number();
      const ranged = tokens[next] === ':';
      if (ranged) next++;
      const last = ranged ? number() : first;
      if (first === null || last === null) return refuse('no number stands where a value should');
      ranges.push({ first, last });
    } while (tokens[next] === ',');
    if (operations.length >= most || ranges.length > most) return refuse(`more than ${most} numbers in a row`);
    if (tests.length === most) return refuse(`more than ${most} tests`);
    tests.push({ offset, operations, ranges });
  } while (tokens[next++] === '&&');
  return next <= tokens.length ? refuse('only , and && join values and tests') : tests;
}

function tokensOf(text: string): readonly string[] | null {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const [, digits, sign] = token.exec(text) ?? [];
    const found = digits ?? sign;
    if (found === undefined) return null;
    tokens.push(found);
  }
  return tokens;
}

function isOperator(text: string | undefined): boolean {
  return text === '&' || text === '<<' || text === '>>' || text === '@';
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}

export function formatU32(tests: readonly U32Test[]): string {
  return tests
    .map(({ offset, operations, ranges }) => {
      const place = operations.map(({ operator, number }) => `${operator}${hex(number)}`).join('');
      const values = ranges.map(({ first, last }) => (first === last ? hex(first) : `${hex(first)}:${hex(last)}`));
      return `${hex(offset)}${place}=${values.join(',')}`;
    })
    .join('&&');
}
