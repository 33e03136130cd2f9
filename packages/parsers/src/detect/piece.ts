/** The stretches into which a file is cut: outputs for the parsers, and what stands between them. */
import type { Format } from '../format.js';
import type { Command } from '../transcript/command.js';

/** Where an output was printed, as far as prompts tell. */
export interface Where {
  /** `none`: no prompt above it; `anonymous`: a prompt without a host. */
  readonly prompt: 'none' | 'anonymous' | 'named';
  readonly node: string | null;
  readonly netns: string | null;
  /** A heading names it, and nothing that the machine printed itself. */
  readonly headed?: true;
  /** Other machines that printed the same. */
  readonly also?: readonly string[];
}

export type PieceKind = 'output' | 'failure' | 'prompt' | 'banner' | 'text';

export interface Piece {
  readonly kind: PieceKind;
  readonly start: number;
  /** May stand inside a line, where a prompt follows output without a line feed. */
  readonly end: number;
  /** Set for `output`. */
  readonly format: Format | null;
  readonly command: Command | null;
  /** Set where the lines may as well be of this command: nothing tells where its output begins. */
  readonly unlike?: Command;
  /** Path of the file, or the path given to `cat` and its like. */
  readonly path: string;
  readonly where: Where;
}

export interface Cut {
  readonly pieces: readonly Piece[];
  /** The text was pasted by hand: there are prompts, fences or sentences. */
  readonly freeForm: boolean;
}
