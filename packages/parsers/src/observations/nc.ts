/** nc(1) of OpenBSD, traditional and busybox, and ncat(1), with -z and -v. */
import { type Facts, parseIp } from '@coldtrace/core';
import type { Format, LineVerdict } from '../format.js';
import { type AttemptTool, readAttempts, type Step } from './attempt.js';
import { outcomeOf } from './outcome.js';
import { operands, targetOf } from './target.js';

/** Named groups: `host`, `port`, the address behind a name (`ip`), and the words that tell how it `ended` where it may have failed. */
const shapes: readonly RegExp[] = [
  /^Connection to (?<host>\S{1,255}) (?:\((?<ip>\S+)\) )?(?<port>\d{1,5}) port \[(?<proto>\w+)\/[^\]]{1,40}\] succeeded!?$/,
  /^nc: connect to (?<host>\S{1,255}) (?:\((?<ip>\S+)\) )?port (?<port>\d{1,5}) \(\w+\) (?<ended>(?:timed out|failed): .*)$/,
  /^Ncat: (?:Connected to) (?<host>\S{1,255}):(?<port>\d{1,5})\.$/,
  /^(?:Connection to )?\[?(?<host>\S{1,255}?)\]? [[(](?<ip>[^\s\])]+)[\])] (?<port>\d{1,5}) (?:\([\w?.-]{1,40}\) )?(?<ended>open|: .*)$/,
  /^\S{1,255} \((?<host>\S{1,64}):(?<port>\d{1,5})\) open$/,
  /^nc: \S{1,255} \((?<host>\S{1,64}):(?<port>\d{1,5})\): (?<ended>.*)$/,
];

function stepOf(groups: Readonly<Record<string, string | undefined>>): Step {
  const { host = '', port = null, ip, proto, ended = 'open' } = groups;
  const target = targetOf(host, port);
  const address = target.ip ?? (ip === undefined ? null : parseIp(ip));
  // A datagram that nothing refused may have been lost.
  const outcome = ended !== 'open' ? outcomeOf(ended) : proto === 'udp' ? 'unknown' : 'answered';
  return { begins: true, ends: true, outcome, target: { ...target, ip: address } };
}

function step(text: string): Step | null {
  const line = text.trimEnd().slice(0, 600);
  if (/^Ncat: Version /.test(line) || /^Ncat: \d+ bytes sent/.test(line)) return {};
  for (const shape of shapes) {
    const groups = shape.exec(line)?.groups;
    if (groups !== undefined) return stepOf(groups);
  }
  if (/^(?:Ncat|nc|ncat): /.test(line)) return { ends: true, outcome: outcomeOf(line) };
  return null;
}

function verdictOf(text: string): LineVerdict {
  const line = text.slice(0, 600).trimEnd();
  if (/^(?:Ncat: |nc: |ncat: |Connection to \S+ (?:\(\S+\) )?\d+ port \[)/.test(line)) return 'opens';
  return /^\S+ \(\S+:\d+\) open$|^\(\w+\) \[\S+\] \d+ /.test(line) ? 'opens' : null;
}

const tool: AttemptTool = {
  tool: 'nc',
  step,
  body: true,
  targetOfCommand: (words) => {
    const at = words.findIndex((word) => /(?:^|\/)(?:nc|ncat|netcat)$/.test(word));
    const [host, port] = operands(words.slice(Math.max(at, 0)), new Set(['-w', '-p', '-s', '-i', '-X', '-x', '-G']));
    return host === undefined ? null : targetOf(host, port ?? null);
  },
};

export const ncFormat: Format = {
  id: 'nc',
  title: 'an nc attempt',
  commands: [/^(?:\S*\/)?(?:busybox\s+)?(?:nc|ncat|netcat)(?:\s|$)/],
  fileNames: [/^(?:nc|ncat)\./],
  line: verdictOf,
  parse: (section) => {
    const parsed = readAttempts(section, tool);
    const datagrams = section.command?.split(/\s+/).some((word) => /^-(?:-udp|\w*u\w*)$/.test(word)) === true;
    return datagrams ? { ...parsed, value: parsed.value.map(unanswered) } : parsed;
  },
};

/** With `-u`, what nobody refused: nc prints as much when it was lost. */
function unanswered(facts: Facts): Facts {
  if (facts.kind !== 'observations') return facts;
  const rows = facts.rows.map((row) =>
    row.kind === 'attempt' && row.outcome === 'answered' ? { ...row, outcome: 'unknown' as const } : row,
  );
  return { ...facts, rows };
}
