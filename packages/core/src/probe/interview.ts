/**
 * Probes one after the other, of one namespace: each line an answer. What a later `reply` may name is remembered as text and asked anew then, so a
 * million probes take no more memory than the last ones.
 */
import type { Place } from '../path/place.js';
import type { ProbeAnswer } from './answer.js';
import { askProbe } from './ask.js';
import { answerOf, type Folded } from './fold.js';
import { isProbe, parseProbeLine } from './parse.js';
import { only, type Probed } from './probed.js';
import type { Probe, ProbeError, ProbeId } from './question.js';
import { writeAnswer } from './write-answer.js';

/** How far back `of` may reach. */
export interface Memory {
  readonly probes: number;
  /** Characters of all remembered lines together. */
  readonly characters: number;
}

export const usualMemory: Memory = { probes: 65_536, characters: 16 * 1024 * 1024 };

/** The answer to one line; no `id` where none could be read. */
export type AnswerLine = { readonly id?: ProbeId } & ProbeAnswer;

/** Answers the probe of one line; `line` counts from 1 and names probes without an id. */
export type Interview = (text: string, line: number) => AnswerLine;

/** The same, each answer as JSON. */
export type WrittenInterview = (text: string, line: number) => string;

/** As many worlds of earlier probes are kept at hand: a reply mostly follows its probe closely. */
const mostAtHand = 16;

/** Replies to replies to replies … as long as this are followed. */
const longestTalk = 256;

/** Asks a place one probe after the other. The function that it returns never throws: a line that is no probe is answered with `error`. */
export function interview(place: Place, memory: Memory = usualMemory): Interview {
  const talk = talkOf(place, memory);
  return (text, line) => {
    const { id, folded } = talk(text, line);
    return id === null ? answerOf(folded) : { id, ...answerOf(folded) };
  };
}

/** The same without objects in between, for `probe` of the command: one line of JSON each, without a line feed. */
export function writtenInterview(place: Place, memory: Memory = usualMemory): WrittenInterview {
  const talk = talkOf(place, memory);
  return (text, line) => {
    const { id, folded } = talk(text, line);
    return writeAnswer(id, folded);
  };
}

interface Said {
  readonly id: ProbeId | null;
  readonly folded: Folded;
}

function talkOf(place: Place, memory: Memory): (text: string, line: number) => Said {
  const lines = rememberedLines(memory);
  const atHand = lastProbed();
  /** Asks a remembered probe, after those that it answers. */
  const recall = (id: ProbeId): Probed | null => {
    const talk: Probe[] = [];
    let of: Probed | null = null;
    for (let at: ProbeId | null = id; at !== null && of === null; ) {
      of = atHand.find(at);
      const text = lines.textOf(at);
      if (of !== null) break;
      const probe: Probe | ProbeError | null = text === null ? null : parseProbeLine(text, 0);
      if (probe === null || !isProbe(probe) || talk.length >= longestTalk) return null;
      talk.push(probe);
      at = probe.kind === 'reply' ? probe.of : null;
    }
    for (const probe of talk.reverse()) of = atHand.keep(probe.id, askProbe(place, probe, of));
    return of;
  };
  return (text, line) => {
    const probe = parseProbeLine(text, line);
    if (!isProbe(probe)) return failed(probe.id, probe.error);
    const { id } = probe;
    if (lines.textOf(id) !== null) return failed(id, `probe ${id}: an earlier probe has the same "id"`);
    const of = probe.kind === 'reply' ? recall(probe.of) : null;
    const { folded } =
      probe.kind === 'reply' && of === null
        ? only({ error: `probe ${id}: "of" names none of the probes remembered: ${probe.of}` })
        : atHand.keep(id, askProbe(place, probe, of));
    lines.remember(id, text);
    return { id, folded };
  };
}

function failed(id: ProbeId | null, error: string): Said {
  return { id, folded: { kind: 'one', answer: { error } } };
}

interface AtHand {
  find(id: ProbeId): Probed | null;
  keep(id: ProbeId, probed: Probed): Probed;
}

/** The newest takes the place of the oldest in one list that stays: a Map that is added to and deleted from leaves a chain of tables behind, which holds on to all. */
function lastProbed(): AtHand {
  const kept: { readonly id: ProbeId; readonly probed: Probed }[] = [];
  let next = 0;
  return {
    find: (id) => kept.find((one) => one.id === id)?.probed ?? null,
    keep: (id, probed) => {
      const known = kept.findIndex((one) => one.id === id);
      kept[known < 0 ? next : known] = { id, probed };
      if (known < 0) next = (next + 1) % mostAtHand;
      return probed;
    },
  };
}

interface RememberedLines {
  textOf(id: ProbeId): string | null;
  remember(id: ProbeId, text: string): void;
}

/**
 * The oldest lines give way. One walk over the lines goes on from where it stopped: each new walk would pass the places of all lines forgotten since the
 * table was last made anew, which are tens of thousands.
 */
function rememberedLines({ probes, characters }: Memory): RememberedLines {
  const lines = new Map<ProbeId, string>();
  let byAge: Iterator<[ProbeId, string]> | null = null;
  let held = 0;
  return {
    textOf: (id) => lines.get(id) ?? null,
    remember: (id, text) => {
      lines.set(id, text);
      held += text.length;
      while (lines.size > probes || held > characters) {
        byAge ??= lines.entries();
        const oldest = byAge.next();
        if (oldest.done === true) {
          // It would not see what comes later.
          byAge = null;
          break;
        }
        const [named, line] = oldest.value;
        lines.delete(named);
        held -= line.length;
      }
    },
  };
}
