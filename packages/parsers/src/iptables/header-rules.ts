/** What iptables 1.8.9 does not take, or does not print, of the options of every rule. iptables: iptables/xshared.c, libxtables/xtables.c. */
import type { AddressMatch } from '@coldtrace/core';
import type { HeaderOption } from './header-words.js';
import type { Scope } from './rule-spec.js';

const longestInterface = 15;

/** Why the option is refused as soon as it is read, though its value is understood; null when it is not. */
export function refusedHeader(scope: Scope, option: HeaderOption, value: string): string | null {
  if (option === 'i' || option === 'o') return refusedInterface(value);
  return option === 'p' && scope.header.proto?.proto === 0 ? 'no packet is of none of all protocols' : null;
}

function refusedInterface(name: string): string | null {
  if (name === '') return 'the name is empty';
  return name.length > longestInterface ? `${name} is longer than ${longestInterface} characters` : null;
}

/** What of the header is refused when the whole rule has been read, and why. */
export function refusedTogether(scope: Scope): readonly (readonly [what: string, why: string])[] {
  const { header, cx } = scope;
  const { src, dst } = header;
  const refused: [what: string, why: string][] = [];
  const inverted = [src?.[0], dst?.[0]].filter((match) => match?.invert === true);
  if (inverted.length > 0 && ((src?.length ?? 1) > 1 || (dst?.length ?? 1) > 1)) {
    refused.push(['"!"', 'it does not go with several addresses']);
  }
  if (cx.variant === 'nft' && inverted.some((match) => match !== undefined && isEverything(match))) {
    refused.push(['"!"', 'nft takes no rule for none of all addresses']);
  }
  for (const [option, chains] of withoutInterface) {
    const misplaced = header.given.has(option) && chains.some((chain) => chain === cx.chain);
    if (misplaced) refused.push([`-${option}`, `packets in ${cx.chain} have no such interface`]);
  }
  return refused;
}

const withoutInterface = [
  ['i', ['POSTROUTING', 'OUTPUT']],
  ['o', ['PREROUTING', 'INPUT']],
] as const satisfies readonly (readonly [HeaderOption, readonly string[]])[];

function isEverything({ masked: { mask } }: AddressMatch): boolean {
  return (mask.a | mask.b | mask.c | mask.d) === 0;
}

/** What the print of the header does not tell; null when it tells all. */
export function lostOfHeader(scope: Scope): string | null {
  const { header, cx } = scope;
  for (const match of [header.iif, header.oif]) {
    if (match === null) continue;
    if (/[\s"]/.test(match.name))
      return `the interface name "${match.name}", of which blanks and quotes are printed bare`;
    if (match.name === '+' && cx.variant !== 'nft') return '"!" before the interface +, which legacy does not print';
  }
  return null;
}
