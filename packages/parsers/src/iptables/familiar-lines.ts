/**
 * Rule lines that differ only in values whose grammar is trivial read alike: when one of a kind was understood completely, the others need no second look.
 * A kube-proxy dump has a hundred thousand rules of some thirty kinds.
 */

/** Longest `--comment` in bytes is 255; ASCII text of this length is surely shorter. */
const longestComment = 250;

/**
 * The kind of a rule line: its text without /32 addresses, single ports, plain comments, chains jumped to, and targets of DNAT. null: the line is of
 * no simple kind. `start` is the offset after `-A CHAIN `.
 */
export function kindOfLine(
  source: string,
  start: number,
  end: number,
  isChain: (name: string) => boolean,
): string | null {
  let kind = '';
  let kept = start;
  for (let at = start; at < end; ) {
    const blank = source.indexOf(' ', at);
    const stop = blank < 0 || blank > end ? end : blank;
    const skip = source.charCodeAt(at) === 45 ? valueEnd(source, at, stop, end, isChain) : stop;
    if (skip < 0) return null;
    if (skip > stop) {
      // The option stays in the kind, its value does not.
      kind += source.slice(kept, stop + 1);
      kept = skip;
    }
    at = skip + 1;
  }
  return kind + source.slice(kept, end);
}

/** Where the value of the option at [at, stop) ends if it is of trivial grammar; `stop` if it belongs to the kind; -1 to give up. */
function valueEnd(source: string, at: number, stop: number, end: number, isChain: (name: string) => boolean): number {
  const from = stop + 1;
  if (from >= end) return stop;
  switch (source.slice(at, stop)) {
    case '-s':
    case '-d':
      return either(hostAddressEnd(source, from), stop, source, end);
    case '--dport':
    case '--sport':
      return either(numberEnd(source, from, 65535), stop, source, end);
    case '--comment':
      return commentEnd(source, from, end);
    case '--to-destination':
      return either(endpointEnd(source, from), stop, source, end);
    case '-j': {
      const blank = source.indexOf(' ', from);
      const last = blank < 0 || blank > end ? end : blank;
      return isChain(source.slice(from, last)) ? last : stop;
    }
    default:
      return stop;
  }
}

/** The value's end if a word ends there. */
function either(valueEnds: number, stop: number, source: string, end: number): number {
  return valueEnds > 0 && (valueEnds === end || (valueEnds < end && source.charCodeAt(valueEnds) === 32))
    ? valueEnds
    : stop;
}

/** After `0`..`most` without leading zeros; -1 otherwise. */
function numberEnd(source: string, from: number, most: number): number {
  let value = 0;
  let at = from;
  for (; at < from + 6; at++) {
    const digit = source.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    if (at === from + 1 && value === 0) return -1;
    value = value * 10 + digit;
  }
  return at > from && value <= most ? at : -1;
}

function quadEnd(source: string, from: number): number {
  let at = from;
  for (let octet = 0; octet < 4; octet++) {
    const next = numberEnd(source, at, 255);
    if (next < 0 || (octet < 3 && source.charCodeAt(next) !== 46)) return -1;
    at = next + 1;
  }
  return at - 1;
}

function hostAddressEnd(source: string, from: number): number {
  const quad = quadEnd(source, from);
  return quad > 0 && source.startsWith('/32', quad) ? quad + 3 : -1;
}

function endpointEnd(source: string, from: number): number {
  const quad = quadEnd(source, from);
  return quad > 0 && source.charCodeAt(quad) === 58 ? numberEnd(source, quad + 1, 65535) : -1;
}

/** After a quoted comment of plain ASCII, or a bare word; -1 when it holds an escape or is long. */
function commentEnd(source: string, from: number, end: number): number {
  const quoted = source.charCodeAt(from) === 34;
  const first = quoted ? from + 1 : from;
  for (let at = first; at <= end && at - first <= longestComment; at++) {
    const unit = at === end ? 32 : source.charCodeAt(at);
    if (unit === (quoted ? 34 : 32)) return quoted ? at + 1 : at;
    if (unit < 32 || unit > 126 || unit === 92 || unit === 34 || at === end) return -1;
  }
  return -1;
}
