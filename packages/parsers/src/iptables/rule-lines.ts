/** How single lines look that may be rules or commands, and whether one waits for the next. iptables(8), iptables-extensions(8). */
import { findTarget, matchDefs, targetDefs } from '@coldtrace/core';
import type { LineVerdict } from '../format.js';
import { findOption } from './options.js';
import { isVerdict } from './repair/vocabulary.js';

/** Names that only chains have, above rules without `-A CHAIN`. */
const chainHeading =
  /^(?:\[(?:(?:KUBE|CNI|DOCKER|FLANNEL|cali|CILIUM|OLD_CILIUM)[-_][\w.:-]{1,28}|(?:PRE|POST)ROUTING|FORWARD)\]|(?:KUBE|CNI|DOCKER|FLANNEL|cali)-[\w.-]{1,28}:|Chain (?:KUBE|CNI|DOCKER|FLANNEL|cali)-[\w.-]{1,28})\s*$/;
/** `-s 10.0.0.0/8 -p tcp … -j ACCEPT`: a rule without its chain. */
const bareBody =
  /^(?:! )?-(?:m [a-z]\w{1,20} (?:! )?--|[sd] [\da-f:.]{2,45}[/ ]|p [a-z]{2,10} ).{0,400} -[jg] [A-Za-z]/;

/** What stands before a rule in a list or a table, and the dashes that word processors make of `-`. */
const mark = /^\s{0,8}(?:[-+*•|]|\d{1,4}[.):])\s{1,4}(?=[-\u2010-\u2015\u2212\uff0d])/;
const dash = /[\u2010-\u2015\u2212\uff0d]/g;
const odd = /[-+*•|\u2010-\u2015\u2212\uff0d\d]/;

/** A line as it was before it was pasted, as far as its look tells. */
function undressed(text: string): string {
  if (!odd.test(text.slice(0, 12)) || text.startsWith('-A')) return text;
  return text
    .slice(0, 400)
    .replace(mark, '')
    .replace(dash, '-')
    .replace(/\u3000/g, ' ')
    .replace(/^-[- ](?=[AINP] [A-Za-z])/, '-');
}

export function judgeLine(given: string): LineVerdict {
  const text = undressed(given);
  if (/^\s{0,8}(?:sudo )?ip6?tables(?:-legacy|-nft)? (?:\S+ ){0,6}?-[AINPDRFX] ?\S/.test(text)) return 'opens';
  if (/^-(?:A|I) \S+ (?:! )?-\S/.test(text) || /^-N \S+\s*$/.test(text) || /^-P \S+ (?:ACCEPT|DROP)(?:\s|$)/.test(text))
    return 'opens';
  if (/^:\S+ (?:ACCEPT|DROP|-) \[\d+:\d+\]\s*$/.test(text)) return 'opens';
  if (chainHeading.test(text)) return 'opens';
  if (/^\[[\w.-]+\]\s*$/.test(text) || /^[A-Z][A-Z0-9-]{2,28}:\s*$/.test(text) || text === 'COMMIT') return 'continues';
  if (bareBody.test(text)) return 'opens';
  // The rest of a rule that a terminal or a mail program broke.
  return /^\s*(?:! ?)?--?[a-z]/.test(text) || / -[jmg] [A-Za-z]/.test(text) ? 'continues' : null;
}

const isRule = /(?:^|\s)-[AI] \S/;
const ownName = /^(?:KUBE|CNI|DOCKER|FLANNEL|cali|CILIUM)[-_][\w.:-]{1,28}$/;

/** Whether a line that says nothing by itself is the end of the rule above: its last option waits for a value, or both ends make one name. */
export function ruleGoesOn(above: string, line: string): boolean {
  if (above.length > 4000 || line.length > 300 || !isRule.test(above)) return false;
  const last = /\S+$/.exec(above.trimEnd())?.[0] ?? '';
  const first = /^\S+/.exec(line.trim())?.[0] ?? '';
  if (line.trim() !== first && !/^\S+ -/.test(line.trim())) return false;
  if (/^-[jg]$/.test(last)) return isName(first) || /^[A-Z][A-Z0-9_-]{2,27}$/.test(first);
  if (/^-[smdiop]$/.test(last)) return true;
  if (last.startsWith('--')) return isWaiting(last.slice(2)) || (!isOption(last) && isOption(last + first));
  return / -[jg] \S+$/.test(above.trimEnd()) && !isName(last) && isName(last + first);
}

function isName(word: string): boolean {
  return (
    isVerdict(word) || findTarget(word, 4) !== undefined || findTarget(word, 6) !== undefined || ownName.test(word)
  );
}

const defs = [...matchDefs, ...targetDefs];

/** An option that takes a value, whoever owns it. */
function isWaiting(name: string): boolean {
  const found = defs.flatMap((def) => def.options[name] ?? []);
  return found.length > 0 && found.every(({ value }) => value.words > 0);
}

function isOption(word: string): boolean {
  return defs.some((def) => findOption(def, word.slice(2)) !== undefined);
}
