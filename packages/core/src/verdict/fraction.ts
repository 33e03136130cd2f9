/** Exact shares of chance. The kernel compares 31 random bits, so denominators are powers of two until branches meet; never rounded. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** What is certain. */
export const one: Fraction = { numerator: 1n, denominator: 1n };
/** What never happens. */
export const zero: Fraction = { numerator: 0n, denominator: 1n };

/** A fraction as given: 0.33333333349 is kept as 715827883/2147483648, not rounded to anything nicer. */
export function fraction(numerator: number | bigint, denominator: number | bigint): Fraction {
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}

/** Both of two independent chances. */
export function times(x: Fraction, y: Fraction): Fraction {
  if (x.numerator === x.denominator) return y;
  if (y.numerator === y.denominator) return x;
  return reduce({ numerator: x.numerator * y.numerator, denominator: x.denominator * y.denominator });
}

/** Either of two chances that exclude each other. */
export function plus(x: Fraction, y: Fraction): Fraction {
  if (x.numerator === 0n) return y;
  if (y.numerator === 0n) return x;
  if (x.denominator === y.denominator)
    return reduce({ numerator: x.numerator + y.numerator, denominator: x.denominator });
  return reduce({
    numerator: x.numerator * y.denominator + y.numerator * x.denominator,
    denominator: x.denominator * y.denominator,
  });
}

/** What is left to 1. */
export function complement(x: Fraction): Fraction {
  return { numerator: x.denominator - x.numerator, denominator: x.denominator };
}

/** By value: 1/2 is 2/4. */
export function sameFraction(x: Fraction, y: Fraction): boolean {
  return x.numerator * y.denominator === y.numerator * x.denominator;
}

/** In lowest terms: `1/2`, `715827883/2147483648`. */
export function formatFraction(x: Fraction): string {
  const { numerator, denominator } = reduce(x);
  return denominator === 1n ? String(numerator) : `${numerator}/${denominator}`;
}

/** For people; six significant digits. */
export function approximate(x: Fraction): number {
  const shift = 1_000_000_000n;
  return Number(((x.numerator * shift) / x.denominator).toString()) / 1e9;
}

function reduce(x: Fraction): Fraction {
  const { numerator, denominator } = x;
  // An odd numerator and a power of two, which most shares are, have nothing in common.
  if ((denominator & (denominator - 1n)) === 0n && (numerator & 1n) === 1n) return x;
  let a = x.numerator;
  let b = x.denominator;
  while (b !== 0n) [a, b] = [b, a % b];
  return a <= 1n ? x : { numerator: x.numerator / a, denominator: x.denominator / a };
}
