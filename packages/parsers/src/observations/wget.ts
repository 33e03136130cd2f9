/** wget(1) of GNU and busybox. */
import type { Format, LineVerdict } from '../format.js';
import { type AttemptTool, readAttempts, type Step } from './attempt.js';
import { outcomeOf } from './outcome.js';
import { operands, targetOf, targetOfUrl } from './target.js';

function step(text: string): Step | null {
  const line = text.trimEnd().slice(0, 1000);
  const begun = /^--\d{4}-\d{2}-\d{2} [\d:]{8}--\s{1,4}(?:\(try:\s?\d+\)\s{1,4})?(\S+)$/.exec(line);
  if (begun?.[1] !== undefined) {
    const target = targetOfUrl(begun[1]);
    return target === null ? { begins: true } : { begins: true, target };
  }
  if (line.startsWith('Connecting to ')) {
    const target = connectTarget(line);
    const tail = /\.\.\. (connected\.|failed: .*)$/.exec(line)?.[1];
    const outcome = tail === undefined ? undefined : tail === 'connected.' ? 'answered' : outcomeOf(tail);
    return { begins: true, ...(target === null ? {} : { target }), ...(outcome === undefined ? {} : { outcome }) };
  }
  // Translated messages keep their shape.
  const foreign = /^[^\x00-\x7f\s]\S{0,60} (\S{1,255}):(\d{1,5})\.\.\. ?(\S.*)$/.exec(line);
  if (foreign?.[1] !== undefined) {
    const worded = outcomeOf(foreign[3] ?? '');
    const connected = /^(?:已连接|已連接|已連上|接続しました|соединение установлено)/.test(foreign[3] ?? '');
    return {
      begins: true,
      target: connectTarget(line) ?? targetOf(foreign[1], foreign[2] ?? null),
      outcome: connected ? 'answered' : worded,
    };
  }
  if (/^(?:HTTP request sent, awaiting response|[^\x00-\x7f].{0,60})\.\.\. ?\d{3}(?:\s|$)/.test(line))
    return { outcome: 'answered' };
  if (/^HTTP request sent, awaiting response\.\.\. /.test(line)) return { outcome: outcomeOf(line) };
  const error = /^wget: (.*)$/.exec(line)?.[1];
  if (error !== undefined)
    return { ends: true, outcome: /server returned error: HTTP/.test(error) ? 'answered' : outcomeOf(error) };
  if (
    /^(?:Resolving |Giving up|Retrying|Length: |Saving to: |Reusing |Username\/Password|Authentication|WARNING: |ERROR: |\d{4}-\d{2}-\d{2} |-\s{10,}\d+%)/.test(
      line,
    )
  ) {
    return /certificate/.test(line) && line.startsWith('ERROR') ? { outcome: 'tls-error' } : {};
  }
  return null;
}

/** `Connecting to 10.0.0.1:80`, `name|10.0.0.1|:80` and busybox's `name (10.0.0.1:80)`. */
function connectTarget(line: string) {
  const bar =
    /\|([0-9A-Fa-f.:]{2,45})\|:(\d{1,5})/.exec(line) ??
    /\(([^()\s]{2,60}):(\d{1,5})\)/.exec(line) ??
    /^Connecting to (\S{1,255}):(\d{1,5})\.\.\./.exec(line);
  return bar?.[1] === undefined ? null : targetOf(bar[1], bar[2] ?? null);
}

function verdictOf(text: string): LineVerdict {
  const line = text.slice(0, 1000).trimEnd();
  if (/^--\d{4}-\d{2}-\d{2} [\d:]{8}--\s/.test(line) || /^wget: \S/.test(line)) return 'opens';
  if (/^Connecting to \S{1,255}(?:\.\.\.| \(\S+:\d+\)$)/.test(line)) return 'opens';
  if (/^[^\x00-\x7f\s]\S{0,60} (?:\S{1,60} )?(?:\S{1,255}:\d{1,5})?\.\.\. ?\S/.test(line)) return 'continues';
  return /^(?:HTTP request sent, awaiting response\.\.\. |Saving to: |Length: \d|Giving up\.$)/.test(line)
    ? 'continues'
    : null;
}

const tool: AttemptTool = {
  tool: 'wget',
  step,
  body: true,
  targetOfCommand: (words) => {
    const at = words.findIndex((word) => /(?:^|\/)wget$/.test(word));
    const [url] = operands(
      words.slice(Math.max(at, 0)),
      new Set(['-O', '-T', '-t', '-P', '-U', '-o', '-a', '--timeout', '--tries', '--header']),
    );
    return url === undefined ? null : targetOfUrl(url);
  },
};

export const wgetFormat: Format = {
  id: 'wget',
  title: 'a wget attempt',
  commands: [/^(?:\S*\/)?(?:busybox\s+)?wget(?:\s|$)/],
  fileNames: [/^wget/],
  line: verdictOf,
  parse: (section) => readAttempts(section, tool),
};
