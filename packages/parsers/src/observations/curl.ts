/** curl(1): `-v` traces, error lines (exit codes of curl(1)), the body and the progress meter. */
import type { Format, LineVerdict } from '../format.js';
import { type AttemptTool, readAttempts, type Step } from './attempt.js';
import { outcomeOf } from './outcome.js';
import { operands, targetOf, targetOfUrl } from './target.js';

const valued = new Set(
  '-o -m -H -d -X -u -A -b -c -e -E -F -K -T -w -x -y -Y -z --max-time --connect-timeout --header --data --request --user --cacert --cert --key --resolve --interface --output --write-out --proxy --retry'.split(
    ' ',
  ),
);

/** Exit codes whose meaning the code alone tells. */
const exits: Readonly<Record<string, Step['outcome']>> = {
  '5': 'name-error',
  '6': 'name-error',
  '28': 'timeout',
  '35': 'tls-error',
  '51': 'tls-error',
  '52': 'reset',
  '58': 'tls-error',
  '59': 'tls-error',
  '60': 'tls-error',
  '77': 'tls-error',
};

function step(text: string): Step | null {
  if (/^ {2}% Total {4}% Received/.test(text)) return { begins: true };
  if (/^ {32,}Dload {2}Upload/.test(text)) return {};
  const meter = meterLength(text);
  const line = meter > 0 ? text.slice(meter) : text;
  if (line === '' || line === '\r') return {};
  const error = /^curl: \((\d{1,3})\) /.exec(line);
  if (error !== null) return errorStep(error[1] ?? '', line);
  if (line.startsWith('* ')) return trace(line.slice(2).trimStart());
  const status = /^< HTTP\/\d(?:\.\d)? (\d{3})/.exec(line);
  if (status !== null) return { outcome: 'answered' };
  // The apiserver's refusal of a stranger is an answer, and the line that says which.
  if (/^ {2}"code": \d{3},?\r?$/.test(line)) return { outcome: 'answered' };
  if (/^[<>{}] ?(?:\[\d+ bytes data\]|\r?$|[A-Za-z])/.test(line) && line !== '{' && line !== '}') return {};
  return meter > 0 ? { outcome: 'answered', state: 'inert' } : null;
}

/** Length of the progress meter's rows at the head of a line (`100   157  100   157 … --:--:-- 12076`); rows overwrite each other on a terminal. */
function meterLength(text: string): number {
  let end = 0;
  for (let next = meterRow(text, 0); next > end; next = meterRow(text, end)) end = next;
  return end;
}

const figure = /[\d.]{1,9}[kMGTP]?/y;
const clock = /[\d:-]{7,8}/y;

/** End of one row: eight figures, three clocks, one figure; the offset itself when no row begins there. */
function meterRow(text: string, start: number): number {
  let at = start;
  for (let column = 0; column < 12; column++) {
    const blanks = at;
    while ((text[at] === ' ' || text[at] === '\r') && at - blanks < 12) at++;
    if (column > 0 && at === blanks) return start;
    const shape = column >= 8 && column < 11 ? clock : figure;
    shape.lastIndex = at;
    const match = shape.exec(text);
    if (match === null) return start;
    // The last figure is five wide; digits after it belong to the next row.
    at += column === 11 ? Math.min(match[0].length, Math.max(1, blanks + 6 - at)) : match[0].length;
  }
  return at;
}

function errorStep(code: string, line: string): Step {
  const worded = outcomeOf(line);
  const outcome = code === '56' || code === '7' ? worded : (exits[code] ?? worded);
  const to = /(?:connect to|from) (\S{1,255}) port (\d{1,5})/i.exec(line);
  const ends = { begins: false, ends: true, outcome };
  return to?.[1] === undefined ? ends : { ...ends, target: targetOf(to[1], to[2] ?? null) };
}

function trace(text: string): Step {
  const trying = /^Trying (\S{1,255}?)(?::(\d{1,5}))?\.\.\.$/.exec(text.trimEnd());
  if (trying?.[1] !== undefined) {
    const port = trying[2] ?? null;
    // Without a port the line of old versions shows the address only; the port stands in the lines before and after.
    return port === null ? { begins: true } : { begins: true, target: targetOf(trying[1], port) };
  }
  const about = /^About to connect\(\) to (\S{1,255}) port (\d{1,5})/.exec(text);
  if (about?.[1] !== undefined) return { begins: true, target: targetOf(about[1], about[2] ?? null) };
  const connected = /^Connected to \S{1,255} \((\S{1,64})\) port (\d{1,5})/.exec(text);
  if (connected?.[1] !== undefined)
    return { outcome: 'answered', target: targetOf(connected[1], connected[2] ?? null) };
  const failed = /^connect to (\S{1,255}) port (\d{1,5}) (?:from \S+ port \d+ )?failed: (.*)$/.exec(text);
  if (failed?.[1] !== undefined)
    return { outcome: outcomeOf(failed[3] ?? ''), target: targetOf(failed[1], failed[2] ?? null) };
  const immediate = /^Immediate connect fail for (\S{1,64}): (.*)$/.exec(text);
  if (immediate?.[1] !== undefined) return { outcome: outcomeOf(immediate[2] ?? '') };
  if (
    /^(?:Connection timed out|Connection refused|No route to host|Network is unreachable|Operation timed out)/.test(
      text,
    )
  ) {
    return { outcome: outcomeOf(text) };
  }
  if (/^(?:SSL certificate problem|Recv failure|OpenSSL SSL_connect|TCP connection reset)/.test(text))
    return { outcome: outcomeOf(text) };
  if (/^(?:Failed (?:to )?connect|[^\x00-\x7f])/.test(text)) return { outcome: outcomeOf(text) };
  if (/^(?:Closing connection|shutting down connection)/.test(text)) return { ends: true };
  return {};
}

const tool: AttemptTool = {
  tool: 'curl',
  step,
  body: true,
  targetOfCommand: (words) => {
    const at = words.findIndex((word) => word === 'curl' || word.endsWith('/curl'));
    const [url] = operands(words.slice(Math.max(at, 0)), valued);
    return url === undefined ? null : targetOfUrl(url);
  },
};

function verdictOf(text: string): LineVerdict {
  if (/^curl: \(\d{1,3}\) /.test(text) || /^ {2}% Total {4}% Received/.test(text)) return 'opens';
  if (/^\*\s{1,3}(?:Trying \S+\.\.\.\r?$|About to connect\(\) to |Connected to \S+ \(|connect to \S+ port )/.test(text))
    return 'opens';
  if (/^ {32,}Dload {2}Upload/.test(text) || meterLength(text) > 0) return 'continues';
  if (/^[<>] (?:HTTP\/\d|[A-Za-z-]+: |(?:GET|POST|PUT|HEAD|OPTIONS|DELETE) )/.test(text)) return 'continues';
  // The apiserver's answer to a stranger.
  if (
    /^(?:\{|\}|\s{1,8}"(?:kind|apiVersion|metadata|status|message|reason|details|code)": .*)$/.test(text.slice(0, 1000))
  )
    return 'continues';
  return /^\* (?:[A-Z]|[^\x00-\x7f]|successfully|connect|no |error)/.test(text) ? 'continues' : null;
}

export const curlFormat: Format = {
  id: 'curl',
  title: 'a curl attempt',
  commands: [/^(?:\S*\/)?curl(?:\s|$)/, /\s(?:\S*\/)?curl\s+(?:-|https?:)/],
  fileNames: [/^curl/],
  line: verdictOf,
  parse: (section) => readAttempts(section, tool),
};
