/** Whether a stretch that a format claims in one gulp holds a prompt or a banner: a dump that was cut off, with other text after it. */
import { isPromptLine } from '../transcript/prompt-line.js';
import { readBanner } from './banner.js';
import { readFleetHeading } from './fleet.js';

export function isInterrupted(text: string, start: number, end: number): boolean {
  for (let at = text.indexOf('\n', start) + 1; at > 0 && at < end; ) {
    const feed = text.indexOf('\n', at);
    if (mayInterrupt(text, at)) {
      const line = text.slice(at, Math.min(feed < 0 ? end : feed, at + 600));
      if (line.startsWith('```') || isPromptLine(line)) return true;
      if (readFleetHeading(text, line, feed < 0 ? text.length : feed + 1, () => false) !== null) return true;
      const banner = readBanner(line, false);
      if (banner !== null && (banner.command !== null || banner.path !== null)) return true;
    }
    if (feed < 0) break;
    at = feed + 1;
  }
  return false;
}

/** `-A …`, `:CHAIN`, `[1:2] -A`, indented text and digits make up nearly all lines of big dumps, and begin no prompt. */
function mayInterrupt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  // `[1:2] -A` has counters; `[1] 13:30:01 [SUCCESS] node1` does not.
  if (unit === 91) return !isDigit(text.charCodeAt(at + 1)) || /^\[\d{1,5}\]/.test(text.slice(at, at + 7));
  if (unit === 45) return text.charCodeAt(at + 1) === 45;
  return unit !== 58 && unit !== 32 && unit !== 9 && !isDigit(unit);
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}
