/**
 * What kube-proxy makes of a mistake: from 1.17 on an unknown or doubled field of a v1alpha1 configuration costs a warning and is ignored, before that, and
 * for everything else, kube-proxy does not start. cmd/kube-proxy/app/server.go loadConfig (lenient decoding).
 */
import type { ComponentConfig, ConfigProblem, Evidence, KubeNode, Snapshot, YamlValue } from '@coldtrace/core';
import { partOfObject } from '../facts/part-of.js';
import type { LogLine } from './sources.js';

export interface Consequence {
  readonly kind: 'ignored' | 'fatal' | 'open';
  /** Why, as a phrase: `kube-proxy v1.20.4 decodes leniently`. */
  readonly why: string;
  readonly evidence: readonly Evidence[];
  /** What it rests on beside captured lines. */
  readonly assumptions: readonly string[];
}

const firstLenient = { major: 1, minor: 17 };

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

interface Version {
  readonly text: string;
  readonly lenient: boolean;
  readonly evidence: Evidence;
}

function byVersion(snapshot: Snapshot): Consequence {
  const images = imageVersions(snapshot);
  const printed = printedVersions(snapshot);
  const versions = [images, printed.own, nodeVersions(snapshot), printed.server].find((some) => some.length > 0) ?? [];
  const [first] = versions;
  const assumptions = assumedOf(versions, images, printed);
  if (first === undefined)
    return {
      kind: 'open',
      why: 'which of the two it is depends on the version, which was not captured',
      evidence: [],
      assumptions: [],
    };
  const known = [...new Set(versions.map(({ text }) => text))].join(', ');
  const evidence = [first.evidence];
  if (versions.every(({ lenient }) => lenient))
    return { kind: 'ignored', why: `kube-proxy ${known} goes on with lenient decoding`, evidence, assumptions };
  if (versions.every(({ lenient }) => !lenient))
    return { kind: 'fatal', why: `kube-proxy ${known} decodes strictly`, evidence, assumptions };
  return { kind: 'open', why: `the nodes run ${known}: some ignore it, others do not start`, evidence, assumptions };
}

function assumedOf(
  versions: readonly Version[],
  images: readonly Version[],
  { own, server }: ReturnType<typeof printedVersions>,
): readonly string[] {
  if (versions === images || versions === own) return [];
  return [`kube-proxy has the version of the ${versions === server ? 'API server' : 'kubelet'}`];
}

/** What `kube-proxy --version` printed, and what `kubectl version` says of the API server. */
function printedVersions({ nodes, files }: Snapshot) {
  const rows = nodes.flatMap(({ settings }) => settings.filter(({ source }) => source === 'kubernetes-version'));
  const read = (key: string, why: string) =>
    rows.filter((row) => row.key === key).flatMap(({ value, span }) => readVersion(value, span, why));
  const ofKubelet = ({ span }: Version['evidence']) =>
    /kubelet[^\n]*$/.test((files[span.file]?.text ?? '').slice(Math.max(0, span.start - 80), span.start).trimEnd());
  return {
    own: read('Kubernetes', 'version of kube-proxy').filter(({ evidence }) => !ofKubelet(evidence)),
    server: read('Server', 'version of the API server'),
  };
}

function readVersion(text: string, span: Evidence['span'], why: string): readonly Version[] {
  const [, major = '', minor = ''] = /v?(\d{1,3})\.(\d{1,3})/.exec(text) ?? [];
  if (major === '') return [];
  const lenient =
    Number(major) > firstLenient.major || (Number(major) === firstLenient.major && Number(minor) >= firstLenient.minor);
  return [{ text, lenient, evidence: { span, why } }];
}

function nodeVersions(snapshot: Snapshot): readonly Version[] {
  return snapshot.objects
    .filter((object): object is KubeNode => object.kind === 'Node')
    .flatMap((node) =>
      node.kubeletVersion === null
        ? []
        : readVersion(
            node.kubeletVersion,
            partOfObject(snapshot, node, node.kubeletVersion),
            `version of ${node.meta.name}`,
          ),
    );
}

/** `image: registry.k8s.io/kube-proxy:v1.28.3` of a DaemonSet. */
function imageVersions({ objects }: Snapshot): readonly Version[] {
  return objects.flatMap((object) =>
    object.kind !== 'Other' || object.meta.name !== 'kube-proxy'
      ? []
      : scalarsOf(object.body).flatMap(({ text, span }) => {
          const tag = /\/kube-proxy[\w-]*:(v?\d+\.\d+[\w.-]*)$/.exec(text)?.[1];
          return tag === undefined ? [] : readVersion(tag, span, 'image of kube-proxy');
        }),
  );
}

function scalarsOf(value: YamlValue): readonly Extract<YamlValue, { readonly kind: 'scalar' }>[] {
  if (value.kind === 'scalar') return [value];
  return (value.kind === 'list' ? value.items : value.entries.map((entry) => entry.value)).flatMap(scalarsOf);
}
