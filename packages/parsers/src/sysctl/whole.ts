/** Whether a listing speaks for every parameter that concerns packets (sysctl(8)). */
import type { Sysctl } from '@coldtrace/core';
import type { Section } from '../format.js';

/** A filter that lets the whole of `net` through, which is all that concerns packets. */
const netOnly = /(?:-r|--pattern|\|\s*e?grep(?: -E)?)[ =](["']?)\^?net(?:\\?\.)?\1(?:\s|$)/;

/** Whether the section speaks for every parameter that concerns packets; grammar.md says how that is told. */
export function isWhole(section: Section, rows: readonly Sysctl[]): boolean {
  const { command } = section;
  if (rows.length === 0) return false;
  if (command !== null && command !== '') {
    const plain = command.replace(/\s+2?>\s*(?:&1|\S+)/g, '').trim();
    if (netOnly.test(plain) && /\s-[eb]*[aAX]|--all/.test(plain)) return hasWholeNet(rows);
    // What was pasted may have been cut short by hand.
    if (section.freeForm && !hasWholeNet(rows)) return false;
    return /^(?:\S*\/)?sysctl(?:\s+(?:-[eb]*[aAX][eb]*|--all|-[eb]+|--ignore))+$/.test(plain);
  }
  // The name of a file says what somebody ran, not that all of it is here.
  return hasWholeNet(rows);
}

/** `net` as only a listing of everything shows it: no selection by name has that many keys in all three directories. */
export function hasWholeNet(rows: readonly Sysctl[]): boolean {
  if (rows.length < 100) return false;
  const shows = (directory: string) => rows.some(({ key }) => key.startsWith(directory));
  return shows('net/core/') && shows('net/ipv4/') && (shows('net/netfilter/') || shows('net/unix/'));
}
