/** What curl, telnet, nc, wget and ping have in common: a target, and how the attempt to reach it ended. */
import {
  type Facts,
  type Ip,
  type LineState,
  parseIp,
  parsePort,
  type SeenAttempt,
  sameIp,
  span,
} from '@coldtrace/core';
import type { Parsed, Section } from '../format.js';
import { isBlank, type Line } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { observationCode } from './codes.js';
import type { Outcome } from './outcome.js';

export interface Target {
  readonly target: string;
  readonly ip: Ip | null;
  readonly port: number | null;
}

/** What one line of a tool's output tells. */
export interface Step {
  /** The line begins another attempt when the one before it has ended. */
  readonly begins?: boolean;
  /** Nothing of the attempt follows but its remains. */
  readonly ends?: boolean;
  readonly target?: Target;
  readonly outcome?: Outcome;
  readonly state?: LineState;
}

export interface AttemptTool {
  readonly tool: string;
  readonly step: (text: string) => Step | null;
  readonly targetOfCommand: (words: readonly string[]) => Target | null;
  /** True when lines the tool did not word itself are the peer's answer. */
  readonly body: boolean;
}

/** Host and port as two texts. */
export function targetOf(host: string, port: string | null): Target {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const number = port === null ? null : parsePort(port);
  return { target: port === null ? host : `${host}:${port}`, ip: parseIp(bare), port: number };
}

const schemePorts: Readonly<Record<string, string>> = { http: '80', https: '443', telnet: '23', ftp: '21' };

/** The target of a URL or of `host[:port][/path]`; null for a text that is neither. */
export function targetOfUrl(url: string): Target | null {
  if (url.length > 2000) return null;
  const match =
    /^(?:([a-z][a-z0-9+.-]{0,20}):\/\/)?(?:[^@/\s]{1,200}@)?(\[[0-9A-Fa-f:.%\w]+\]|[\w.-]+)(?::(\d{1,5}))?(?:[/?#]|$)/.exec(
      url,
    );
  const host = match?.[2];
  if (host === undefined) return null;
  const scheme = match?.[1] ?? 'http';
  const port = match?.[3] ?? schemePorts[scheme] ?? null;
  return { ...targetOf(host, port), target: url };
}

/** What a terminal echoes for the keys that interrupt, stop and escape. */
const interrupt = /^\^[A-Z\]\\](?:\s|$)/;

interface Open {
  from: Line;
  to: Line;
  text: string;
  target: Target | null;
  outcome: Outcome | null;
  ended: boolean;
}

/** Reads the output of one such tool, line by line. */
export function readAttempts(section: Section, tool: AttemptTool): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const attempts: SeenAttempt[] = [];
  const given = section.command === null ? null : tool.targetOfCommand(section.command.split(/\s+/));
  let open: Open | null = null;

  const close = () => {
    if (open === null) return;
    const target = open.target ?? given;
    const at = span(section.file.id, open.from.start, open.to.end);
    if (target === null) reading.diagnostics.push(observationCode('no-target', at, { tool: tool.tool }));
    attempts.push({
      kind: 'attempt',
      tool: tool.tool,
      target: (isAnother(open.target, given) ? null : given?.target) ?? target?.target ?? '',
      ip: target?.ip ?? given?.ip ?? null,
      port: target?.port ?? given?.port ?? null,
      outcome: open.outcome ?? 'unknown',
      text: open.text,
      span: at,
    });
    open = null;
  };
  const begin = (line: Line): Open => ({
    from: line,
    to: line,
    text: line.text,
    target: null,
    outcome: null,
    ended: false,
  });

  for (const line of reading.lines) {
    if (isBlank(line.text)) continue;
    const step = tool.step(line.text);
    if (step === null) {
      if (takeFailure(reading, line)) continue;
      if (interrupt.test(line.text)) {
        // Whoever waited gave up: nobody knows how it would have ended.
        open ??= section.command === null ? null : begin(line);
        if (open !== null) {
          open.outcome ??= 'unknown';
          open.ended = true;
          claim(reading, line, 'inert');
        }
        continue;
      }
      if (!tool.body || (open === null && section.command === null)) continue;
      // Whatever else is printed came from the peer: it answered.
      open ??= begin(line);
      open.outcome ??= 'answered';
      claim(reading, line, 'inert');
      continue;
    }
    claim(
      reading,
      line,
      step.state ?? (step.outcome === undefined && step.target === undefined ? 'inert' : 'modelled'),
    );
    // A message on standard error may come out before the `Trying` it belongs to: then the attempt has no target yet.
    if (step.begins === true && isOver(open)) close();
    if (open === null) {
      if (step.begins !== true && step.outcome === undefined && step.target === undefined) continue;
      open = begin(line);
    }
    const current: Open = open;
    current.to = line;
    current.target = step.target ?? current.target;
    if (step.outcome !== undefined && (step.outcome !== 'unknown' || current.outcome === null)) {
      current.outcome = step.outcome;
      current.text = line.text;
    }
    if (step.ends === true) current.ended = true;
  }
  close();
  return closeReading(reading, [{ kind: 'observations', rows: attempts, complete: false }]);
}

/** Whether the output says that it went to another address than the command names: a loop, or two outputs below one prompt. */
function isAnother(shown: Target | null, given: Target | null): boolean {
  return shown !== null && shown.ip !== null && given !== null && given.ip !== null && !sameIp(shown.ip, given.ip);
}

function isOver(open: Open | null): boolean {
  return open?.ended === true && open.target !== null;
}

/** Words of a command that are no options; options whose value is the next word are named by the caller. */
export function operands(words: readonly string[], valued: ReadonlySet<string>): readonly string[] {
  const found: string[] = [];
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '' || word === '|' || word.startsWith('|') || word === ';' || word === '&&' || word.startsWith('>')) {
      if (word === '') continue;
      break;
    }
    if (word.startsWith('-') && word !== '-') {
      if (valued.has(word)) at++;
      continue;
    }
    found.push(word.replace(/^['"]|['"]$/g, ''));
  }
  return found;
}
