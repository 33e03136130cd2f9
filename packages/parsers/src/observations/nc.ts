/** nc(1) of OpenBSD, traditional and busybox, and ncat(1), with -z and -v. */
import type { Format, LineVerdict } from '../format.js';
import { type AttemptTool, operands, readAttempts, type Step, targetOf } from './attempt.js';
import { outcomeOf } from './outcome.js';

interface Shape {
  readonly pattern: RegExp;
  readonly step: (host: string, port: string | null, rest: string) => Step;
}

const answered = (host: string, port: string | null): Step => ({
  begins: true,
  ends: true,
  outcome: 'answered',
  target: targetOf(host, port),
});
const failed = (host: string, port: string | null, rest: string): Step => ({
  begins: true,
  ends: true,
  outcome: outcomeOf(rest),
  target: targetOf(host, port),
});

const shapes: readonly Shape[] = [
  {
    pattern: /^Connection to (\S{1,255}) (?:\(\S+\) )?(\d{1,5}) port \[\w+\/[^\]]{1,40}\] (succeeded)!?$/,
    step: answered,
  },
  {
    pattern: /^nc: connect to (\S{1,255}) (?:\(\S+\) )?port (\d{1,5}) \(\w+\) (?:timed out|failed): (.*)$/,
    step: failed,
  },
  { pattern: /^Ncat: (?:Connected to) (\S{1,255}):(\d{1,5})(\.)$/, step: answered },
  {
    pattern:
      /^(?:Connection to )?\[?(\S{1,255}?)\]? (?:\[\S+\] |\(\S+\) )(\d{1,5}) (?:\([\w?.-]{1,40}\) )?(open|: Connection .*|: .*)$/,
    step: (host, port, rest) => (rest === 'open' ? answered(host, port) : failed(host, port, rest)),
  },
  { pattern: /^\S{1,255} \((\S{1,64}):(\d{1,5})\) (open)$/, step: answered },
  { pattern: /^nc: \S{1,255} \((\S{1,64}):(\d{1,5})\): (.*)$/, step: failed },
];

function step(text: string): Step | null {
  const line = text.trimEnd().slice(0, 600);
  if (/^Ncat: Version /.test(line) || /^Ncat: \d+ bytes sent/.test(line)) return {};
  for (const shape of shapes) {
    const match = shape.pattern.exec(line);
    if (match?.[1] !== undefined) return shape.step(match[1], match[2] ?? null, match[3] ?? '');
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
  parse: (section) => readAttempts(section, tool),
};
