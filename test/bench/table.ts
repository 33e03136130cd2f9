/** One iptables table before it is printed: chains in the order of their creation, rules without their `-A CHAIN`. */
export interface Table {
  readonly name: 'mangle' | 'filter' | 'nat';
  /** The hook chains in the order in which `iptables-save` prints them. */
  readonly builtin: readonly string[];
  readonly chains: ReadonlyMap<string, readonly string[]>;
}

/** Collects rules per chain; `chain` alone declares an empty one. */
export interface TableBuilder {
  readonly chain: (name: string) => void;
  readonly rule: (chain: string, rule: string) => void;
  readonly chains: ReadonlyMap<string, readonly string[]>;
}

export function tableBuilder(): TableBuilder {
  const chains = new Map<string, string[]>();
  const rulesOf = (name: string): string[] => {
    const known = chains.get(name);
    if (known) return known;
    const fresh: string[] = [];
    chains.set(name, fresh);
    return fresh;
  };
  return { chains, chain: (name) => void rulesOf(name), rule: (chain, rule) => void rulesOf(chain).push(rule) };
}

export const comment = (text: string): string => `-m comment --comment "${text}"`;
