/** ping(8) of iputils and busybox: the statistics line decides. */
import type { Format, LineVerdict } from '../format.js';
import { type AttemptTool, readAttempts, type Step } from './attempt.js';
import { outcomeOf } from './outcome.js';
import { operands, targetOf } from './target.js';

/** `PING gw (10.0.0.1) 56(84) bytes`, `PING fd00::9(fd00::9) 56 data bytes`, `PING gw(gw (fd00::9)) from …`. */
const heading =
  /^PING ([^\s(]{1,255}) ?\((?:[^\s()]{1,255} \()?([^\s()]{1,64})\)\)?(?: from .{1,80})?:? \d+(?:\(\d+\))? (?:data )?bytes/;
const statistics = /^(\d+) packets transmitted, (\d+)(?: packets)? received,/;
const reply = /^\d+ bytes from \S+ ?(?:\(\S+\))?:? (?:icmp_)?seq=\d+/;
const error = /^From \S+ (?:\(\S+\):? )?icmp_seq=\d+ (.*)$/;

function step(text: string): Step | null {
  const line = text.trimEnd().slice(0, 500);
  const head = heading.exec(line);
  if (head?.[2] !== undefined)
    return { begins: true, target: { ...targetOf(head[2], null), target: head[1] ?? head[2] } };
  const counts = statistics.exec(line);
  if (counts !== null) return { ends: true, outcome: counts[2] === '0' ? 'unknown' : 'answered', state: 'modelled' };
  if (reply.test(line)) return { outcome: 'answered', state: 'inert' };
  const failed = error.exec(line);
  if (failed !== null) return { outcome: outcomeOf(failed[1] ?? '') };
  if (/^(?:--- \S+ ping statistics ---|(?:rtt|round-trip) min\/avg\/max|\^C|pipe \d+$)/.test(line)) return {};
  if (/^(?:ping6?|connect): /.test(line)) return { outcome: outcomeOf(line), ends: true };
  return null;
}

function verdictOf(text: string): LineVerdict {
  const line = text.slice(0, 500);
  if (heading.test(line) || /^--- \S{1,255} ping statistics ---/.test(line) || /^ping6?: \S/.test(line)) return 'opens';
  if (reply.test(line) || error.test(line) || statistics.test(line)) return 'opens';
  return /^(?:(?:rtt|round-trip) min\/avg\/max|pipe \d{1,6}$)/.test(line) ? 'continues' : null;
}

const tool: AttemptTool = {
  tool: 'ping',
  step,
  body: false,
  targetOfCommand: (words) => {
    const at = words.findIndex((word) => /(?:^|\/)ping6?$/.test(word));
    const [host] = operands(
      words.slice(Math.max(at, 0)),
      new Set(['-c', '-i', '-I', '-W', '-w', '-s', '-t', '-M', '-Q', '-p', '-m', '-S', '-l']),
    );
    return host === undefined ? null : targetOf(host, null);
  },
};

export const pingFormat: Format = {
  id: 'ping',
  title: 'a ping',
  commands: [/^(?:\S*\/)?(?:busybox\s+)?ping6?(?:\s|$)/],
  fileNames: [/^ping/],
  line: verdictOf,
  parse: (section) => {
    const parsed = readAttempts(section, tool);
    // All packets lost and nothing else said: nobody answered in time.
    const silent = (text: string) => (statistics.exec(text.trimEnd())?.[2] ?? '') === '0';
    const value = parsed.value.map((facts) =>
      facts.kind !== 'observations'
        ? facts
        : {
            ...facts,
            rows: facts.rows.map((row) =>
              row.kind === 'attempt' && row.outcome === 'unknown' && silent(row.text)
                ? { ...row, outcome: 'timeout' as const }
                : row,
            ),
          },
    );
    return { ...parsed, value };
  },
};
