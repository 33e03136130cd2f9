/** The configuration as it should be: the one key or value put right, the rest word for word. */
import { type ConfigProblem, fileOf, type KubeConfigMap, type Snapshot } from '@coldtrace/core';
import type { Fix, FixStep } from '../finding.js';
import type { ProxyConfig } from './sources.js';

const restart = 'kube-proxy restarts on one node after the other; established connections go on';

export function configFix(snapshot: Snapshot, { config, node }: ProxyConfig, problem: ConfigProblem): Fix {
  const right = correction(snapshot, problem);
  const advice = adviceOf(problem, right);
  const persist =
    'The ConfigMap or file lasts; put it right too where the cluster is installed from (kubeadm configuration, Helm values, Ansible).';
  const path = pathOf(snapshot, config.span);
  const map = config.origin === 'configmap' ? mapAround(snapshot, config.span) : null;
  const applied = map === null || right === null ? null : applyStep(snapshot, map, right);
  // Most kube-proxies run as pods; of a log line nothing tells.
  const byMap = config.origin === 'configmap' || config.origin === 'log';
  const steps: readonly FixStep[] = byMap
    ? [
        applied ?? {
          node: null,
          command: 'kubectl -n kube-system edit configmap kube-proxy',
          disrupts: 'nothing until kube-proxy is restarted',
          undo: 'edit it back',
        },
        {
          node: null,
          command: 'kubectl -n kube-system rollout restart daemonset kube-proxy',
          disrupts: restart,
          undo: 'none needed',
        },
      ]
    : [
        {
          node,
          command:
            right === null
              ? `cp ${path} ${path}.bak && vi ${path}`
              : `sed -i.bak 's/${escaped(right.was)}/${escaped(right.now)}/' ${path}`,
          disrupts: 'nothing until kube-proxy is restarted',
          undo: `mv ${path}.bak ${path}`,
        },
        { node, command: 'systemctl restart kube-proxy', disrupts: restart, undo: 'none needed' },
      ];
  return {
    steps,
    persist,
    notes:
      config.origin === 'log'
        ? `${advice} Where kube-proxy is a service, in its file below ${path.replace(/[^/]*$/, '')}.`
        : advice,
    verified: null,
  };
}

function adviceOf({ kind, nearest, path, message }: ConfigProblem, right: Correction | null): string {
  if (right !== null) return `Write ${right.now} instead of ${right.was}.`;
  return `${kind === 'unknown-field' && nearest === null ? `Take ${path} out` : `Put ${path} right`}: ${message}.`;
}

interface Correction {
  readonly start: number;
  readonly end: number;
  readonly was: string;
  readonly now: string;
}

/** `masqueradeAl: ""` → `masqueradeAll: true`: the nearest key, and `true` where only a boolean fits and none stands there. */
function correction(snapshot: Snapshot, { kind, nearest, span, underNearest }: ConfigProblem): Correction | null {
  const text = fileOf(snapshot, span.file)?.text;
  if (kind !== 'unknown-field' || nearest === null || text === undefined || nearest.startsWith('--')) return null;
  const feed = text.indexOf('\n', span.start);
  const line = text.slice(span.start, feed < 0 ? text.length : feed);
  const entry = /^["']?[\w.-]+["']?[ \t]*:[ \t]*("[^"]*"|'[^']*'|[^,}\s#]*)/.exec(line);
  if (entry === null) return null;
  const [was, value = ''] = entry;
  const now = underNearest?.includes('true or false') === true ? 'true' : value;
  return { start: span.start, end: span.start + was.length, was, now: `${nearest}: ${now}` };
}

/** The file that the configuration was printed from; where nothing tells, the one that kubeadm mounts. */
function pathOf({ files, nodes }: Snapshot, span: ConfigProblem['span']): string {
  const text = files[span.file]?.text ?? '';
  const before = text.slice(0, span.start).trimEnd().split('\n').at(-1) ?? '';
  const printed = /\bcat\s+(\/[\w./-]{1,200}\.(?:ya?ml|conf|config|json))\s*$/.exec(before)?.[1];
  if (printed !== undefined) return printed;
  const option = nodes
    .flatMap(({ settings }) => settings)
    .find(({ source, key, value }) => source === 'kube-proxy' && key === 'config' && value.startsWith('/'));
  return option?.value ?? '/var/lib/kube-proxy/config.conf';
}

function mapAround({ objects }: Snapshot, span: ConfigProblem['span']): KubeConfigMap | null {
  return (
    objects.find(
      (object): object is KubeConfigMap =>
        object.kind === 'ConfigMap' &&
        object.span.file === span.file &&
        object.span.start <= span.start &&
        span.start < object.span.end,
    ) ?? null
  );
}

function applyStep(snapshot: Snapshot, { span }: KubeConfigMap, { start, end, now }: Correction): FixStep | null {
  const text = fileOf(snapshot, span.file)?.text;
  if (text === undefined || span.start > start || end > span.end) return null;
  const lineStart = text.lastIndexOf('\n', span.start - 1) + 1;
  const indent = span.start - lineStart;
  const body = `${' '.repeat(indent)}${text.slice(span.start, start)}${now}${text.slice(end, span.end)}`;
  const lines = body.split('\n').map((line) => (line.slice(0, indent).trim() === '' ? line.slice(indent) : line));
  return {
    node: null,
    command: `kubectl apply -f - <<'EOF'\n${lines.join('\n').trimEnd()}\nEOF`,
    disrupts: 'nothing until kube-proxy is restarted',
    undo: 'kubectl apply the ConfigMap as it was captured',
  };
}

function escaped(text: string): string {
  return text.replace(/[/\\.*[\]^$&]/g, '\\$&').replaceAll("'", "'\\''");
}
