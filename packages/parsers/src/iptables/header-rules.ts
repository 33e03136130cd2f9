/** What iptables 1.8.9 does not take, or does not print, of the options of every rule. iptables: iptables/xshared.c, libxtables/xtables.c. */
import type { AddressMatch } from '@coldtrace/core';
import type { HeaderOption } from './header-words.js';
import type { Scope } from './rule-spec.js';

const longestInterface = 15;

/** Why the option is refused though its value is understood; null when it is not. */
export function refusedHeader(scope: Scope, option: HeaderOption, value: string, invert: boolean): string | null {
  const { header, cx } = scope;
  switch (option) {
    case 'i':
      return refusedInterface(value) ?? misplaced(cx.chain, ['POSTROUTING', 'OUTPUT']);
    case 'o':
      return refusedInterface(value) ?? misplaced(cx.chain, ['PREROUTING', 'INPUT']);
    case 'p':
      return header.proto?.proto === 0 ? 'no packet is of none of all protocols' : null;
    case 's':
    case 'd':
      return invert && cx.variant === 'nft' && (option === 's' ? header.src : header.dst)?.some(isEverything)
        ? 'nft takes no rule for none of all addresses'
        : null;
    default:
      return null;
  }
}

function refusedInterface(name: string): string | null {
  if (name === '') return 'the name is empty';
  return name.length > longestInterface ? `${name} is longer than ${longestInterface} characters` : null;
}

function misplaced(chain: string | null, without: readonly string[]): string | null {
  return chain !== null && without.includes(chain) ? `packets in ${chain} have no such interface` : null;
}

function isEverything({ masked: { mask } }: AddressMatch): boolean {
  return (mask.a | mask.b | mask.c | mask.d) === 0;
}

/** Why lists of addresses are refused; null when they are not. */
export function refusedLists(scope: Scope): string | null {
  const { src, dst } = scope.header;
  const several = (src?.length ?? 1) > 1 || (dst?.length ?? 1) > 1;
  const inverted = [src?.[0], dst?.[0]].some((match) => match?.invert === true);
  return several && inverted ? '"!" does not go with several addresses' : null;
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
