/** What a shell line consists of, as far as commands to simulate need it. POSIX Shell Command Language, 2.3 to 2.9. */

/** A stretch of the text: [start, end). */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface ShellWord extends Stretch {
  /** Quotes taken off. */
  readonly text: string;
  /** Where its content stands in the text, when nothing in it was escaped or put together; else null. */
  readonly content: Stretch | null;
  readonly quoted: boolean;
}

export type RedirectSign = '<' | '>' | '>>' | '<<' | '<<-' | '<<<' | '>&' | '<&' | '&>' | '>|';

export interface Redirect extends Stretch {
  readonly sign: RedirectSign;
  /** Descriptor written before the sign; null: the usual one. */
  readonly descriptor: number | null;
  readonly target: ShellWord;
  /** The lines of a here-document, without its end. */
  body: Stretch | null;
}

/** What stands between a command and the next. */
export type Joiner = ';' | '&&' | '||' | '|' | '&';

export interface ShellCommand extends Stretch {
  readonly words: readonly ShellWord[];
  readonly redirects: readonly Redirect[];
  readonly joiner: Joiner;
}

export type ShellProblem = Stretch &
  ({ readonly kind: 'variable'; readonly text: string } | { readonly kind: 'syntax'; readonly why: string });

export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  /** Lines with a problem have no commands here. */
  readonly problems: readonly ShellProblem[];
}
