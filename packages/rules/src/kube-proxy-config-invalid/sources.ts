/** Every configuration of kube-proxy that was captured or spoken of, with the nodes that it rules. */
import type { ComponentConfig, ConfigProblem, SeenLog, Snapshot } from '@coldtrace/core';

export interface ProxyConfig {
  readonly config: ComponentConfig;
  /** null: a ConfigMap, which rules all nodes. */
  readonly node: string | null;
}

export interface LogLine {
  readonly log: SeenLog;
  readonly node: string | null;
}

/** One of each place; what only a log line claims comes last. */
export function proxyConfigs(snapshot: Snapshot): readonly ProxyConfig[] {
  const seen = new Set<string>();
  const found: ProxyConfig[] = [];
  for (const node of snapshot.nodes) {
    for (const config of node.configs) {
      const place = `${config.span.file}:${config.span.start}`;
      if (config.component !== 'kube-proxy' || seen.has(place)) continue;
      seen.add(place);
      found.push({ config, node: config.origin === 'configmap' ? null : node.name });
    }
  }
  return [
    ...found.filter(({ config }) => config.origin !== 'log'),
    ...found.filter(({ config }) => config.origin === 'log'),
  ];
}

/** Log lines of kube-proxy that tell an event. */
export function proxyLogs(snapshot: Snapshot, event: string): readonly LogLine[] {
  const lines = [
    ...snapshot.nodes.flatMap(({ name, observations }) => observations.map((log) => ({ log, node: name }))),
    ...snapshot.observations.map((log) => ({ log, node: null })),
  ];
  return lines.flatMap(({ log, node }) => (log.kind === 'log' && log.event === event ? [{ log, node }] : []));
}

/** The log lines that name the same field as the problem. */
export function linesAbout(problem: ConfigProblem, lines: readonly LogLine[]): readonly LogLine[] {
  const field = problem.path.split('.').at(-1);
  return lines.filter(({ log }) => log.data['field']?.split('.').at(-1) === field);
}
