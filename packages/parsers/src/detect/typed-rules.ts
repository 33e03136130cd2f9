/** Rules typed at one prompt after the other are one text: `-I` and `-D` are about the rules typed before them. iptables(8). */
import type { Piece } from './piece.js';

const rulesFormat = 'iptables-rules';

/** Puts typed rule commands that nothing but their own prompts stands between into one output. */
export function joinTypedRules(text: string, pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = [];
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at];
    if (piece === undefined) break;
    joined.push(piece);
    if (!isTypedRule(piece) || !isBehind(pieces[at - 1], piece)) continue;
    let last = piece;
    for (let next = nextTyped(text, pieces, at, last); next > 0; next = nextTyped(text, pieces, at, last)) {
      last = pieces[next] ?? last;
      at = next;
    }
    if (last !== piece) joined[joined.length - 1] = { ...piece, end: last.end };
  }
  return joined;
}

/** Index of the next typed rule, if only blank lines and its prompt stand before it; -1 otherwise. */
function nextTyped(text: string, pieces: readonly Piece[], at: number, last: Piece): number {
  let index = at + 1;
  if (pieces[index]?.kind === 'text' && isEmpty(text, pieces[index])) index++;
  const [prompt, typed] = [pieces[index], pieces[index + 1]];
  const joins =
    typed !== undefined &&
    isBehind(prompt, typed) &&
    isTypedRule(typed) &&
    typed.where.prompt === last.where.prompt &&
    typed.where.node === last.where.node &&
    typed.where.netns === last.where.netns;
  return joins ? index + 1 : -1;
}

function isEmpty(text: string, piece: Piece | undefined): boolean {
  return piece !== undefined && piece.end - piece.start < 100 && text.slice(piece.start, piece.end).trim() === '';
}

/** Itself what is read: not the output of a command. */
function isTypedRule({ kind, format, command }: Piece): boolean {
  return kind === 'output' && format?.id === rulesFormat && command === null;
}

/** Behind a prompt, or the `+` of a shell that shows what it runs. */
function isBehind(prompt: Piece | undefined, { start }: Piece): boolean {
  return prompt?.kind === 'prompt' && prompt.end === start;
}
