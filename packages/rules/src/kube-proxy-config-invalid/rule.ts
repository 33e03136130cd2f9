/** kube-proxy's configuration holds what kube-proxy does not know or take: ignored with a warning, or the end of every Service on the node. */
import type { ComponentConfig, ConfigProblem, Evidence, SeenLog } from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import type { Certainty } from '../finding.js';
import { type Consequence, consequenceOf } from './consequence.js';
import { configFix } from './fix.js';
import { type LogLine, linesAbout, type ProxyConfig, proxyConfigs, proxyLogs } from './sources.js';
import { unsupportedIn } from './unsupported.js';

const messages = {
  ignored: 'kube-proxy ignores {path} of its configuration, which is no field it knows{instead}: {why}',
  doubled: 'kube-proxy takes the last {path} of its configuration only: {why}',
  fatal: 'kube-proxy does not start with its configuration, so no Service works there: {problem} ({why})',
  open: '{problem} in the configuration of kube-proxy, which is either ignored or keeps it from starting: {why}',
  refused: 'kube-proxy does not start, so no Service works there: it refuses its configuration: {reason}',
  nodeInfo: 'kube-proxy could not ask the API server about its node when it started: {reason}',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const kubeProxyConfigInvalid = defineRule({
  id: 'kube-proxy-config-invalid',
  severity: 'error',
  summary: "kube-proxy's configuration holds a field it does not know or a value it does not take.",
  needs: ['kube-proxy-config', 'nodes'],
  messages,
  check: (cx) => {
    const configs = proxyConfigs(cx.snapshot);
    const lines = proxyLogs(cx.snapshot, 'unknown-field');
    const told = new Set<string>();
    for (const one of configs) {
      for (const problem of one.config.problems) judge(cx, one, problem, lines, told);
      for (const { problem, consequence } of unsupportedIn(cx.snapshot, one.config))
        judge(cx, one, problem, lines, told, consequence);
    }
    refusals(cx, told);
    for (const line of proxyLogs(cx.snapshot, 'node-info-failed')) nodeInfo(cx, line);
    if (!configs.some(({ config }) => config.origin !== 'log')) cx.notEvaluated(null, ['kube-proxy-config']);
  },
});

function judge(
  cx: Context,
  one: ProxyConfig,
  problem: ConfigProblem,
  all: readonly LogLine[],
  told: Set<string>,
  known?: Consequence,
): void {
  const { config, node } = one;
  // A log line that speaks of a captured configuration is its evidence, not a second fault.
  if (told.has(problem.path)) return;
  told.add(problem.path);
  const lines = linesAbout(problem, all);
  const said = [...lines, ...lenientBefore(config, proxyLogs(cx.snapshot, 'config-lenient'))];
  const consequence = known ?? consequenceOf(cx.snapshot, config, problem, said);
  const message = consequence.kind === 'ignored' && problem.kind === 'duplicate-field' ? 'doubled' : consequence.kind;
  cx.report(message, {
    severity: consequence.kind === 'ignored' ? 'warning' : 'error',
    certainty: certaintyOf(one, consequence),
    node,
    subject: problem.path,
    data: { path: problem.path, problem: problem.message, why: consequence.why, instead: insteadText(problem) },
    evidence: evidenceOf(problem, consequence, lines),
    assumptions: assumptionsOf(one, consequence),
    fix: configFix(cx.snapshot, one, problem),
  });
}

/** The message of a log goes on over the lines of the configuration it quotes: what was made of it stands in the first, the field in the last. */
function lenientBefore({ origin, span }: ComponentConfig, lines: readonly LogLine[]): readonly LogLine[] {
  if (origin !== 'log') return [];
  return lines.filter(({ log }) => log.span.file === span.file && log.span.start <= span.start);
}

function insteadText({ nearest, underNearest }: ConfigProblem): string {
  if (nearest === null) return '';
  const also = underNearest === undefined ? '' : `, and ${underNearest}`;
  return ` (${nearest} is meant, which keeps its default${also})`;
}

function certaintyOf({ config }: ProxyConfig, { kind, assumptions }: Consequence): Certainty {
  if (kind === 'open') return config.origin === 'log' ? 'possible' : 'likely';
  return config.origin !== 'log' && (config.trust ?? 'captured') === 'captured' && assumptions.length === 0
    ? 'proven'
    : 'likely';
}

function assumptionsOf({ config }: ProxyConfig, { kind, why, assumptions }: Consequence): readonly string[] {
  const log = config.origin === 'log' ? ['only a log line tells of the configuration, which was not captured'] : [];
  const pasted = (config.trust ?? 'captured') === 'repaired' ? ['the configuration was pasted and mended'] : [];
  return [...log, ...pasted, ...assumptions, ...(kind === 'open' ? [why] : [])];
}

function evidenceOf(problem: ConfigProblem, { evidence }: Consequence, lines: readonly LogLine[]): readonly Evidence[] {
  const told = lines
    .filter(({ log }) => !evidence.some(({ span }) => span.start === log.span.start && span.file === log.span.file))
    .slice(0, 1)
    .map(({ log }) => ({ span: log.span, why: 'kube-proxy says so itself' }));
  return [{ span: problem.span, why: problem.message }, ...evidence, ...told];
}

/** What kube-proxy said of a configuration that was not captured, or in which nothing else is found wrong; a field is told of with its place. */
function refusals(cx: Context, told: ReadonlySet<string>): void {
  if (told.size > 0) return;
  const seen = new Set<string>();
  for (const { log, node } of proxyLogs(cx.snapshot, 'config-refused')) {
    const { reason = log.text } = log.data;
    if (seen.has(reason)) continue;
    seen.add(reason);
    cx.report('refused', {
      certainty: 'likely',
      node,
      subject: `refused ${log.data['path'] ?? ''}`.trim(),
      data: { reason },
      evidence: [{ span: log.span, why: 'kube-proxy gave up' }],
      assumptions: ['only a log line tells: the configuration was not captured, or has been put right since'],
      fix: configFix(cx.snapshot, { config: claimed(log), node }, problemOf(log)),
    });
  }
}

function claimed({ span }: SeenLog): ComponentConfig {
  const body = { kind: 'map', entries: [], span } as const;
  return { component: 'kube-proxy', origin: 'log', apiVersion: null, body, problems: [], span, trust: 'claimed' };
}

function problemOf({ data, span, text }: SeenLog): ConfigProblem {
  const path = data['path'] ?? 'the configuration';
  return { kind: 'bad-value', path, message: data['reason'] ?? text, nearest: null, span };
}

/** Without its Node object kube-proxy takes 127.0.0.1 for the node's address. */
function nodeInfo(cx: Context, { log, node }: LogLine): void {
  cx.report('nodeInfo', {
    severity: 'warning',
    certainty: 'possible',
    node,
    subject: 'node-info',
    data: { reason: log.data['reason'] ?? log.text },
    evidence: [{ span: log.span, why: 'the API server did not answer kube-proxy' }],
    assumptions: ['the API server may have answered a later attempt'],
  });
}
