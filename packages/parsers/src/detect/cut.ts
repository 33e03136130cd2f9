/** One pass over a file that cuts it into outputs and what stands between them: prompts, banners, sentences, messages. */
import type { Format } from '../format.js';
import { isBlank } from '../text/lines.js';
import { isChatter } from '../transcript/chatter.js';
import { readCommands } from '../transcript/command.js';
import { isCommandLine } from '../transcript/command-line.js';
import { continued } from '../transcript/continued.js';
import { isElision, mayBeTrimmed } from '../transcript/elision.js';
import { type Heading, readHeading } from '../transcript/heading.js';
import { isNoEntry } from '../transcript/no-entry.js';
import { outputOnPromptLine } from '../transcript/own-line.js';
import { gluedPrompt, type Prompt } from '../transcript/prompt.js';
import { isPromptLine, promptLine } from '../transcript/prompt-line.js';
import { atLabel, atPrompt, nowhere } from '../transcript/shells.js';
import { type Banner, readBanner } from './banner.js';
import { byName } from './choose.js';
import { readContent } from './content.js';
import {
  type Cutting,
  closeOutput,
  endExpectation,
  extend,
  follow,
  forgetCommand,
  goOn,
  newCutting,
  stayOutside,
  takeBetween,
} from './cutting.js';
import { type FleetHeading, readFleetHeading } from './fleet.js';
import { isLogEntry } from './log-entry.js';
import type { Cut } from './piece.js';
import { endOfRefusal, isRefusal } from './refusal.js';
import { markedBy } from './turns.js';
import { joinTypedRules } from './typed-rules.js';

/** `speakers`: which machine the lines from an offset on are of, where a name stood before each. */
export function cutFile(
  text: string,
  path: string,
  formats: readonly Format[],
  speakers: readonly { readonly at: number; readonly node: string | null }[] = [],
): Cut {
  const cutting = newCutting(text, path, formats);
  const named = cutting.hints.length > 0;
  let spoken = 0;
  for (let at = 0; at < text.length; ) {
    for (let next = speakers[spoken]; next !== undefined && next.at <= at; next = speakers[++spoken]) {
      closeOutput(cutting, at);
      moveToFleet(cutting, next.node === null ? [] : [next.node]);
    }
    cutting.until = speakers[spoken]?.at ?? text.length;
    at = readLine(cutting, at);
  }
  closeOutput(cutting, text.length);
  const freeForm = cutting.prompts > 0 || (cutting.prose > 0 && !named);
  return { pieces: joinTypedRules(text, cutting.pieces), freeForm };
}

/** Reads the line at an offset and returns where to go on. */
function readLine(cutting: Cutting, at: number): number {
  const { text } = cutting;
  const feed = text.indexOf('\n', at);
  const end = feed < 0 ? text.length : feed;
  const next = feed < 0 ? text.length : feed + 1;
  const line = text.slice(at, end);
  if (isBlank(line)) {
    cutting.gap = true;
    return next;
  }
  const after = readFilled(cutting, at, line, next);
  cutting.gap = false;
  return after;
}

/** Reads a line that is not blank. */
function readFilled(cutting: Cutting, at: number, line: string, next: number): number {
  if (cutting.entering && isNoEntry(line)) stayOutside(cutting);
  if (isChatter(line)) {
    takeBetween(cutting, 'banner', at, next);
    return next;
  }
  if (cutting.delimiter !== null && line.trim() === cutting.delimiter) {
    takeBetween(cutting, 'banner', at, next);
    forgetCommand(cutting);
    return next;
  }
  // A key that ended the command, where tail or tcpdump was watching.
  if (/^\^[CDZ\\]\s*$/.test(line)) {
    const { open } = cutting;
    if (open !== null && goesOnBelow(cutting.text, next, open.format)) return extend(cutting, open, at, next);
    takeBetween(cutting, 'banner', at, next);
    return next;
  }
  const marked = markedBy(cutting.turns, line);
  if (marked >= 0) {
    takeBetween(cutting, 'banner', at, next);
    goOn(cutting, cutting.turns.slice(marked + 1));
    return next;
  }
  const fleet = readFleetHeading(
    cutting.text,
    line,
    next,
    (name) => cutting.fleet.length > 0 || cutting.fleetNames.has(name),
  );
  if (fleet !== null) return takeFleet(cutting, at, fleet);
  const refused = isRefusal(line) ? endOfRefusal(cutting.text, next, cutting.formats) : 0;
  if (refused > next || (refused > 0 && cutting.open === null)) {
    cutting.expecting = null;
    takeBetween(cutting, 'failure', at, refused);
    return refused;
  }
  const entry = isLogEntry(line);
  if (!entry && isElision(line) && takeElision(cutting, at, next)) return next;
  const prompt = entry ? null : promptLine(line);
  if (prompt !== null) return takePrompt(cutting, at, prompt, line, next);
  const traced = entry ? 0 : behindTrace(line);
  if (traced > 0 && opensOutput(cutting, line.slice(traced).trim())) return takeTrace(cutting, at, traced, line, next);
  const glued = gluedPrompt(line);
  if (glued > 0) {
    readContent(cutting, at, line.slice(0, glued), at + glued);
    return at + glued;
  }
  if (line.startsWith('```') || line.startsWith('~~~')) {
    // The command above a fence, with nothing between, is that of what the fence holds.
    const above = cutting.open === null && cutting.pieces.at(-1)?.kind === 'banner' && cutting.loose >= at - 1;
    takeBetween(cutting, 'banner', at, next);
    if (!above) forgetCommand(cutting);
    return next;
  }
  const verdict = cutting.open?.format.line(line) ?? null;
  // `--- eth0` inside ethtool's output, `--- 10.0.0.1 ping statistics ---`: lines of the output above, not between outputs.
  const found = entry || verdict === 'opens' ? null : readBanner(line, verdict === null);
  // A script's own `iptables -A …` is what is read, not the name of an output below it.
  const banner = found !== null && found.command !== null && opensOutput(cutting, line.trim()) ? null : found;
  if (banner !== null && (verdict === null || banner.command !== null)) return takeBanner(cutting, at, banner, next);
  const heading = entry || (verdict !== null && !cutting.gap) ? null : readHeading(line);
  if (heading !== null) return takeHeading(cutting, at, heading, next);
  return readContent(cutting, at, line, next, verdict);
}

/** ping and tcpdump sum up once they are interrupted. */
function goesOnBelow(text: string, at: number, format: Format): boolean {
  const below = /^(?:[ \t\r]*\n){0,3}([^\n]{1,500})/.exec(text.slice(at, at + 600))?.[1];
  return below !== undefined && !isPromptLine(below) && format.line(below) !== null;
}

function takePrompt(cutting: Cutting, at: number, prompt: Prompt, line: string, next: number): number {
  const typed = line.slice(prompt.end);
  const { text: full, end } = continued(cutting.text, typed, next);
  endExpectation(cutting);
  closeOutput(cutting, at);
  cutting.prompts += prompt.strength === 'strong' || !line.startsWith('#') ? 1 : 0;
  const where = atPrompt(cutting.shells, prompt);
  const begin = at + prompt.end + typed.length - typed.trimStart().length;
  const own = outputOnPromptLine(full.trim(), cutting.formats);
  const commands = readCommands(own === null ? full.trim() : full.trim().slice(0, own).trimEnd());
  if (own !== null) {
    follow(cutting, commands, where);
    takeBetween(cutting, 'prompt', at, begin + own);
    return readContent(cutting, begin + own, cutting.text.slice(begin + own, end).trimEnd(), end);
  }
  if (opensOutput(cutting, full.trim())) {
    follow(cutting, [], where);
    takeBetween(cutting, 'prompt', at, begin);
    return readContent(cutting, begin, cutting.text.slice(begin, end).trimEnd(), end);
  }
  follow(cutting, commands, where);
  takeBetween(cutting, 'prompt', at, end);
  const [only] = commands;
  if (commands.length === 1 && only?.redirected === false && cutting.hints.length > 0 && only.place.many !== true) {
    cutting.expecting = end;
  }
  return end;
}

/** Offset of the command in a line that `set -x` prints (`+ iptables -A …`, `++ …` from a subshell); 0 in any other. */
function behindTrace(line: string): number {
  if (!line.startsWith('+')) return 0;
  const begin = /^\+{1,5} (?=\S)/.exec(line)?.[0].length ?? 0;
  return begin > 0 && isCommandLine(line.slice(begin).trim(), 'marked') ? begin : 0;
}

/** A rule that a script put there while its commands were shown. */
function takeTrace(cutting: Cutting, at: number, begin: number, line: string, next: number): number {
  endExpectation(cutting);
  closeOutput(cutting, at);
  cutting.prompts++;
  follow(cutting, [], cutting.home);
  takeBetween(cutting, 'prompt', at, at + begin);
  return readContent(cutting, at + begin, line.slice(begin).trimEnd(), next);
}

/** Lines left out within an output, at its end or, below the command, at its beginning are the output's own. */
function takeElision(cutting: Cutting, at: number, next: number): boolean {
  const { open } = cutting;
  const format = open?.format ?? cutting.hints[0];
  if (format === undefined || !mayBeTrimmed(format) || cutting.looseProse) return false;
  if (open !== null) {
    open.end = next;
    cutting.loose = next;
  } else if (cutting.expecting !== null || isBlank(cutting.text.slice(0, at))) {
    cutting.expecting = null;
    cutting.trimmed = at;
  }
  return true;
}

/** A rule or setting typed or pasted behind a prompt is itself what a format reads. */
function opensOutput(cutting: Cutting, typed: string): boolean {
  return typed !== '' && typed.length < 100_000 && cutting.formats.some((format) => format.line(typed) === 'opens');
}

function takeBanner(cutting: Cutting, at: number, banner: Banner, next: number): number {
  endExpectation(cutting);
  takeBetween(cutting, 'banner', at, next);
  if (banner.node !== null) moveTo(cutting, [banner.node]);
  cutting.where = cutting.home;
  if (banner.command !== null) {
    follow(cutting, readCommands(banner.command), cutting.home);
    if (cutting.hints.length > 0) cutting.expecting = next;
  } else if (banner.path !== null) {
    cutting.turns = [];
    cutting.shownPath = banner.path;
    cutting.hints = byName(cutting.formats, banner.path);
  } else forgetCommand(cutting);
  return next;
}

/** A sentence that leads over to a machine: what it claims is read as in any other. */
function takeHeading(cutting: Cutting, at: number, heading: Heading, next: number): number {
  endExpectation(cutting);
  takeBetween(cutting, 'text', at, next);
  moveTo(cutting, heading.node === null ? [] : [heading.node]);
  cutting.where = cutting.home;
  cutting.prose++;
  forgetCommand(cutting);
  return next;
}

/** The heading of one machine among many, where the command that ran on all is known or not. */
function takeFleet(cutting: Cutting, at: number, heading: FleetHeading): number {
  endExpectation(cutting);
  takeBetween(cutting, 'banner', at, heading.end);
  moveToFleet(cutting, heading.nodes);
  if (heading.ran && cutting.hints.length > 0 && cutting.turns.length === 1) cutting.expecting = heading.end;
  return heading.end;
}

function moveToFleet(cutting: Cutting, nodes: readonly string[]): void {
  const { fleet } = cutting;
  moveTo(cutting, nodes);
  forgetCommand(cutting);
  if (fleet.length === 0) return;
  const here = fleet.map((command) => ({ ...command, place: { ...command.place, many: undefined } }));
  follow(cutting, nodes.length === 0 ? [] : here, cutting.home);
  cutting.fleet = fleet;
}

/** What follows, unless a prompt knows better, comes from these machines; from one that nothing names where there are none. */
function moveTo(cutting: Cutting, nodes: readonly string[]): void {
  cutting.shells.stack.length = 0;
  cutting.shells.label = nodes;
  cutting.home = atLabel(cutting.shells) ?? nowhere;
  cutting.where = cutting.home;
}
