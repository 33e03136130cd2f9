/**
 * How a match or target extension is described: its options as data, what they build, how iptables-save and `iptables -L` print it, and what it
 * means for a packet. One file per extension under match/ and target/. iptables-extensions(8).
 */
import type { Family } from '../inet/ip.js';
import type { Skb } from '../packet/skb.js';
import type { Match, Target, XtablesVariant } from '../snapshot/xtables.js';
import type { Tri } from '../tri.js';
import type { Fraction } from '../verdict/fraction.js';
import type { TargetAction } from './action.js';
import type { Hook } from './hook.js';
import type { ListingCursor } from './listing-cursor.js';
import type { PacketInput } from './packet-input.js';
import type { Pin } from './pin.js';

/** Why iptables would not take something, as a phrase that follows "because". */
export interface Refusal {
  readonly refused: string;
}

export function refuse(why: string): Refusal {
  return { refused: why };
}

/** Tells a refusal from what was read or built; no data of an extension has a field `refused`. */
export function isRefusal<T>(value: T | Refusal): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}

/** What is known of the rule while an extension's options are read. */
export interface ReadContext {
  readonly family: Family;
  /** `-p` of the rule when given and not negated; null otherwise. */
  readonly proto: number | null;
  /** Table and chain of the rule, null where unknown (a fragment). */
  readonly table: string | null;
  readonly chain: string | null;
  /** Protocol of `-p` also when negated, as far as the rule has been read: some options look no further. */
  readonly namedProto?: number | null;
  /** Whose rules they are, where known: the variants refuse different things. */
  readonly variant?: XtablesVariant | null;
}

/** Whose print is wanted: the two variants differ for some extensions. */
export interface SaveContext {
  readonly family: Family;
  readonly variant: XtablesVariant;
  readonly proto: number | null;
}

/** A source of choices for generated examples: a whole number from 0 to `below` - 1. */
export type Choose = (below: number) => number;

/** What the words after an option mean. */
export interface ValueType<T> {
  /** As manuals write it: `port[:port]`. */
  readonly name: string;
  /** How many words it takes; 0 for a flag. */
  readonly words: number;
  /** They may be left out: a word that begins with `-`, or a `!`, is then the next option. `read` gets none. */
  readonly optional?: boolean;
  read(words: readonly string[], cx: ReadContext): T | Refusal;
  /** Words that iptables takes here (mostly: edges and now and then a mistake too), for rules generated against the real tool. */
  sample(choose: Choose, cx: ReadContext): readonly string[];
}

/** One option of an extension: what follows it, and how often and how it may stand. */
export interface Option<T> {
  readonly value: ValueType<T>;
  /** Takes a `!`. */
  readonly negatable: boolean;
  /** Other spellings, without dashes. */
  readonly aliases: readonly string[];
  /** May stand several times; the values are then collected by the extension from `all`. */
  readonly repeatable: boolean;
}

interface OptionExtras {
  readonly aliases?: readonly string[];
  readonly repeatable?: boolean;
}

export function option<T>(value: ValueType<T>, extras: OptionExtras = {}): Option<T> {
  return { value, negatable: false, aliases: extras.aliases ?? [], repeatable: extras.repeatable ?? false };
}

export function negatable<T>(value: ValueType<T>, extras: OptionExtras = {}): Option<T> {
  return { ...option(value, extras), negatable: true };
}

/** Options by canonical long name without dashes, in the order of the manual. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** What stood behind one option of a rule. */
export interface Given<T> {
  readonly value: T;
  readonly invert: boolean;
  /** Every value of a repeated option, in order; one element otherwise. `at` tells the order among all options of the rule. */
  readonly all: readonly { readonly value: T; readonly invert: boolean; readonly at: number }[];
}

type ValueOf<O> = O extends Option<infer T> ? T : never;

/** The options that stood in the rule. */
export type GivenOf<Options extends OptionTable> = { readonly [K in keyof Options]?: Given<ValueOf<Options[K]>> };

interface ExtensionDef<Data> {
  readonly name: string;
  readonly families: readonly Family[];
  /** The rule needs one of these as `-p` (numbers). Absent: any. */
  readonly protos?: readonly number[];
  /** Tables it is confined to. Absent: any. */
  readonly tables?: readonly string[];
  /** Built-in chains it is confined to. Absent: any. */
  readonly hooks?: readonly Hook[];
  readonly options: OptionTable;
  /**
   * Words after `-m NAME` for a generated rule, where a random choice of options would seldom be valid. Absent: options are chosen one by one.
   */
  sample?(choose: Choose, cx: ReadContext): readonly string[];
  /** Words after `-m NAME` / `-j NAME`, as iptables-save prints them; strings that need it go through `quote`. */
  save(data: Data, cx: SaveContext): readonly string[];
  /** Name that `-save` prints when it is not `name`. */
  saveName?(data: Data, cx: SaveContext): string;
  /** What `-save` does not tell of it, as a phrase: its print, loaded again, would not be this extension. Null when nothing is lost. */
  loses?(data: Data, cx: ReadContext): string | null;
  /** Name in the `target` column of `iptables -L` when it is not `name`. */
  readonly listedAs?: string;
  /**
   * Reads what `iptables -L -n -v` prints for it, from the cursor; null when the words are not its own (the cursor is then put back).
   * Targets are asked after the `target` column named them, matches for every word that nobody else claimed.
   */
  listing?(cursor: ListingCursor, cx: ReadContext): Data | null;
}

/** A match that iptables-nft turns into expressions of its own. */
export interface NativeMatch<Data> {
  /** It does so with this one. */
  is(data: Data): boolean;
  /** Two of one rule, as they come back in one print. */
  merge(earlier: Data, later: Data): Data;
}

/** A match: `-m NAME`. `Data` is what `build` makes of the options and what a rule keeps (`KnownMatch.data`); `matchData` gives it back typed. */
export interface MatchDef<Data = unknown> extends ExtensionDef<Data> {
  readonly kind: 'match';
  /** Absent: nft keeps it as the xtables match that it is. */
  readonly native?: NativeMatch<Data>;
  build(given: GivenTable, cx: ReadContext): Data | Refusal;
  /** The exact share of packets that match by chance, once `test` allows it; null where chance plays no part. */
  chance?(data: Data): Fraction | null;
  /** What an index may key on: a packet that has not all of these certainly does not match. Absent: nothing. */
  pins?(data: Data): readonly Pin[];
  /** It changes the packet that it matches, whether the rest of the rule applies or not. */
  changes?(data: Data): boolean;
  /** What the kernel remembers of a packet that came as far as this match; `reached`: whether it surely did. */
  remembers?(data: Data, input: PacketInput, reached: boolean): Skb;
  /** A text for people, which every packet passes. */
  readonly asksNothing?: true;
  /** Does the kernel drop the packet at sight of it (hotdrop)? `test` says no then; where it says yes, the rule counts the packet first. Absent: never. */
  drops?(data: Data, input: PacketInput): Tri;
  /** Does the packet match? Absent: not modelled, so the answer is unknown. With `chance`: may it match at all? */
  test?(data: Data, input: PacketInput): Tri;
}

/** A target: `-j NAME`, unless it is a verdict (`StandardTarget`) or a chain (`JumpTarget`). `targetData` gives a rule's data back typed. */
export interface TargetDef<Data = unknown> extends ExtensionDef<Data> {
  readonly kind: 'target';
  build(given: GivenTable, cx: ReadContext): Data | Refusal;
  /** Why it is refused beside these matches of its rule; null when it is not. */
  among?(data: Data, matches: readonly Match[], cx: ReadContext): string | null;
  /** What it does to the packet. Absent: not modelled; the walk branches. */
  apply?(data: Data, input: PacketInput): TargetAction;
}

/** Untyped view of the given options, as the rule reader hands them over. */
export type GivenTable = { readonly [option: string]: Given<unknown> | undefined };

type Definition<Def, Options, Data> = Omit<Def, 'kind' | 'options' | 'build'> & {
  readonly options: Options;
  build(given: Options extends OptionTable ? GivenOf<Options> : never, cx: ReadContext): Data | Refusal;
};

export function defineMatch<const Options extends OptionTable, Data>(
  definition: Definition<MatchDef<Data>, Options, Data>,
): MatchDef<Data> {
  return { kind: 'match', ...definition };
}

export function defineTarget<const Options extends OptionTable, Data>(
  definition: Definition<TargetDef<Data>, Options, Data>,
): TargetDef<Data> {
  return { kind: 'target', ...definition };
}

/** The data of a match if it is of that extension. */
export function matchData<Data>(match: Match, def: MatchDef<Data>): Data | null {
  return match.kind === 'known' && match.name === def.name ? (match.data as Data) : null;
}

/** The data of a target if it is of that extension. */
export function targetData<Data>(target: Target | null, def: TargetDef<Data>): Data | null {
  return target !== null && target.kind === 'known' && target.name === def.name ? (target.data as Data) : null;
}
