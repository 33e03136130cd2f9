/** Rulesets of iptables and ip6tables, legacy and nft. iptables(8), include/uapi/linux/netfilter_ipv4/ip_tables.h. */
import type { Family } from '../inet/ip.js';
import type { Masked } from '../inet/masked.js';
import type { Span } from '../source/span.js';
import type { Provenance, Row } from './dump.js';

/** Which of the two kernel interfaces holds the rules. A node can have both; they never mix. */
export type XtablesVariant = 'legacy' | 'nft';

/** A sequence that may make its rows on demand; arrays are such sequences. */
export interface Rows<T> {
  readonly length: number;
  at(index: number): T | undefined;
  /** The text of the row, or of all up to `to`, certainly lacks the word, and nobody has to read it to know; absent: nothing tells. */
  lacks?(index: number, word: string, to?: number): boolean;
  /** Certainly the same rows but for where they stand, which nobody has to read to know; absent: nothing tells. */
  isLike?(other: Rows<T>): boolean;
}

/** What a rule applied to, or a chain's policy took. struct xt_counters. */
export interface Counters {
  readonly packets: number;
  readonly bytes: number;
  /** Rounded to the K, M, G or T that `iptables -L -v` without `-x` prints. */
  readonly approximate?: boolean;
}

/** An interface name of a rule; a trailing `+` matches every name that begins so. */
export interface IfaceMatch {
  readonly name: string;
  readonly invert: boolean;
}

/** `-s` or `-d`: the address under its mask, which need not be a prefix. */
export interface AddressMatch {
  readonly masked: Masked;
  readonly invert: boolean;
}

/** `-p`. */
export interface ProtoMatch {
  /** Protocol number; 0 = all. */
  readonly proto: number;
  readonly invert: boolean;
}

/** What every rule can test without an extension (struct ipt_ip, struct ip6t_ip6). */
export interface RuleHeader {
  readonly src: AddressMatch | null;
  readonly dst: AddressMatch | null;
  readonly iif: IfaceMatch | null;
  readonly oif: IfaceMatch | null;
  readonly proto: ProtoMatch | null;
  /** `-f`: second and further fragments only (IPv4). */
  readonly fragment: { readonly invert: boolean } | null;
}

/** A `-m` extension that coldtrace knows; the shape of `data` is declared by its file in netfilter/match. */
export interface KnownMatch {
  readonly kind: 'known';
  readonly name: string;
  readonly data: unknown;
}

/** An extension nobody here knows, or one whose options were not understood: kept word by word, prints back verbatim, tests as unknown. */
export interface OpaqueMatch {
  readonly kind: 'opaque';
  readonly name: string;
  /** Everything after `-m NAME`, as written, quotes included. */
  readonly text: string;
}

/** One `-m` of a rule; all of them have to hold. */
export type Match = KnownMatch | OpaqueMatch;

/** A `-j` extension that coldtrace knows; the shape of `data` is declared by its file in netfilter/target. */
export interface KnownTarget {
  readonly kind: 'known';
  readonly name: string;
  readonly data: unknown;
}

/** One that nobody here knows: kept word by word. What it does to a packet is open. */
export interface OpaqueTarget {
  readonly kind: 'opaque';
  readonly name: string;
  /** Everything after `-j NAME`, as written. */
  readonly text: string;
}

/** A verdict that is no extension. `RETURN` from a built-in chain takes its policy. */
export interface StandardTarget {
  readonly kind: 'standard';
  readonly verdict: 'ACCEPT' | 'DROP' | 'RETURN' | 'QUEUE';
}

/** A chain of the same table: `-j CHAIN`, or `-g`. */
export interface JumpTarget {
  readonly kind: 'jump';
  readonly chain: string;
  /** `-g`: the chain's end returns to the caller of the present chain. */
  readonly goto: boolean;
}

/** What a rule does once all its matches hold. */
export type Target = StandardTarget | JumpTarget | KnownTarget | OpaqueTarget;

/** One rule. Tests of the header come before the matches, which are asked in order. */
export interface Rule extends Row {
  readonly header: RuleHeader;
  readonly matches: readonly Match[];
  /** null: no `-j`, the rule only counts. */
  readonly target: Target | null;
  /** null: not shown. */
  readonly counters: Counters | null;
  /** What the output format hides of this rule (`iptables -L` without `-v`: `in`, `out`); such a rule is conditional. */
  readonly hidden?: readonly HiddenPart[];
}

/** Interfaces, `-f`, or numbers in whose place a listing without `-n` prints names. */
export type HiddenPart = 'in' | 'out' | 'fragment' | 'names';

/** One chain of a table. */
export interface Chain {
  readonly name: string;
  /** Policy of a built-in chain; null for a user chain or where the input does not say. */
  readonly policy: 'ACCEPT' | 'DROP' | null;
  readonly builtin: boolean;
  readonly counters: Counters | null;
  readonly rules: Rows<Rule>;
  /** Declaration; null where the input only mentions the chain. */
  readonly span: Span | null;
  /** False: mentioned (as jump target) but its rules were not captured. A jump to it is open, not empty. */
  readonly collected: boolean;
  /** Some of its rules are here, others may be missing (grep, a paste): what no rule decides is open. */
  readonly partial?: boolean;
  /** Of a partial chain: numbers of rules before which others may be missing, ascending. What stands behind one decides nothing for certain. */
  readonly gaps?: readonly number[];
}

/** One table of a ruleset, with its chains in the order of the output. */
export interface Table {
  readonly name: string;
  readonly chains: readonly Chain[];
  /** False when the dump ends before COMMIT or is a fragment: missing rules prove nothing. */
  readonly complete: boolean;
  readonly span: Span;
  /** The table's name was concluded from the rules, not read. */
  readonly inferred?: boolean;
  /** Built-in chains that are there, in a table with rules, as an output shows that says nothing of what they are (`nft list ruleset`). */
  readonly unread?: readonly string[];
}

/** What one variant of iptables holds for one family. */
export interface Ruleset {
  readonly family: Family;
  /** null where the input does not say. */
  readonly variant: XtablesVariant | null;
  readonly tables: readonly Table[];
  /** True when every table that the kernel had is here (a whole `-save`), so an absent table is an empty one. */
  readonly complete: boolean;
  readonly sources: readonly Provenance[];
}
