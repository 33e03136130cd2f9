/** A line of a dump without what changes by itself between two captures and decides nothing: counters, ages, timers, who holds a socket. */

/** What a packet finds is the same in each of these states. include/uapi/linux/neighbour.h */
const resolved = / (?:REACHABLE|STALE|DELAY|PROBE)$/;
const connection = /^((?:ipv[46]\s+\d+\s+)?[a-z]\w*\s+\d+)\s+\d+\s/;
const socket = /^(?:tcp|udp|raw|LISTEN|UNCONN|ESTAB)/;

export function lastingLine(line: string): string {
  const text = line.trim();
  if (text.startsWith('[') || text.endsWith(']')) return text.replace(/^\[\d+:\d+\] | \[\d+:\d+\]$/, '');
  if (text.includes(' lladdr ') || text.includes(' used '))
    return text.replace(/ (?:ref \d+|used [\d/]+|probes \d+)/g, '').replace(resolved, ' resolved');
  if (text.includes(' expires ')) return text.replace(/ expires -?\d+(?:sec)?/, '');
  if (text.includes(' src=')) return text.replace(connection, '$1 ').replace(/ (?:packets|bytes|use)=\d+/g, '');
  return socket.test(text) ? lastingSocket(text) : text;
}

/** As ss and netstat print it: queues stand before the addresses, timers and processes behind them. */
function lastingSocket(text: string): string {
  const rest = text.replace(/\s(?:users:\(|timer:\(|\d+\/\S).*$/, '');
  return rest
    .replace(/\s\d+\s+\d+\s/, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
