/**
 * What kube-proxy makes of a mistake: from 1.17 on an unknown or doubled field of a v1alpha1 configuration costs a warning and is ignored, before that, and
 * for everything else, kube-proxy does not start. cmd/kube-proxy/app/server.go loadConfig (lenient decoding).
 */
import type { ComponentConfig, ConfigProblem, Evidence, Snapshot } from '@coldtrace/core';
import type { LogLine } from './sources.js';
import { isFrom, versionsOf } from './versions.js';

export interface Consequence {
  readonly kind: 'ignored' | 'fatal' | 'open';
  /** Why, as a phrase: `kube-proxy v1.20.4 decodes leniently`. */
  readonly why: string;
  readonly evidence: readonly Evidence[];
  /** What it rests on beside captured lines. */
  readonly assumptions: readonly string[];
}

/** 1.17 */
const firstLenient = 17;

export function consequenceOf(
  snapshot: Snapshot,
  config: ComponentConfig,
  problem: ConfigProblem,
  lines: readonly LogLine[],
): Consequence {
  const sure = { evidence: [], assumptions: [] };
  if (problem.kind === 'syntax') return { kind: 'fatal', why: 'what is no YAML cannot be decoded', ...sure };
  if (config.origin === 'flags') return { kind: 'fatal', why: 'kube-proxy exits when a flag is wrong', ...sure };
  if (problem.kind === 'wrong-type' || problem.kind === 'bad-value')
    return { kind: 'fatal', why: 'no version of kube-proxy starts with such a value', ...sure };
  const said = lines.map(({ log }) => ({ log, verdict: verdictOf(log.text) })).find(({ verdict }) => verdict !== null);
  if (said !== undefined)
    return {
      kind: said.verdict === 'lenient' ? 'ignored' : 'fatal',
      why:
        said.verdict === 'lenient'
          ? 'its log says that it went on with lenient decoding'
          : 'its log says that it gave up',
      evidence: [{ span: said.log.span, why: 'what kube-proxy made of it' }],
      assumptions: [],
    };
  return byVersion(snapshot);
}

function verdictOf(text: string): 'lenient' | 'fatal' | null {
  if (/lenient decoding/i.test(text)) return 'lenient';
  return /^F\d{4}\b|failed complete|failed to load|unable to (?:load|decode)/i.test(text) ? 'fatal' : null;
}

function byVersion(snapshot: Snapshot): Consequence {
  const { all, text, evidence, assumptions } = versionsOf(snapshot);
  if (all.length === 0) {
    const why = 'which of the two it is depends on the version, which was not captured';
    return { kind: 'open', why, evidence: [], assumptions: [] };
  }
  if (all.every((one) => isFrom(one, firstLenient)))
    return { kind: 'ignored', why: `kube-proxy ${text} goes on with lenient decoding`, evidence, assumptions };
  if (!all.some((one) => isFrom(one, firstLenient)))
    return { kind: 'fatal', why: `kube-proxy ${text} decodes strictly`, evidence, assumptions };
  return { kind: 'open', why: `the nodes run ${text}: some ignore it, others do not start`, evidence, assumptions };
}
