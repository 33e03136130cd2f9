/** Whether a line alone looks like a member of some set: cheap, and asked of every line of unknown text. */
import { blankIn, codeIn, wordIn } from './scan.js';

const attributes = /^(timeout|nomatch|wildcard|packets|bytes|comment|skbmark|skbprio|skbqueue)( |$)/;

/** An address, a port, a hardware address or the name of a set, alone or with attributes. */
export function looksLikeMember(line: string): boolean {
  const start = wordIn(line, 0, line.length);
  const wordEnd = blankIn(line, start, line.length);
  const length = wordEnd - start;
  if (length === 0 || length > 200) return false;
  const rest = wordIn(line, wordEnd, line.length);
  if (rest < line.length && !attributes.test(line.slice(rest, rest + 16))) return false;
  if (rest === line.length && length <= 31 && /^[\w.:@-]+$/.test(line.slice(start, wordEnd))) return true;
  const first = line.slice(start, wordEnd);
  if (/^[0-9a-fA-F*.:/,x-]+$/.test(first)) return true;
  return rest < line.length || (codeIn(line, 44, start, wordEnd) > 0 && /^[\w*.:/@,-]+$/.test(first));
}
