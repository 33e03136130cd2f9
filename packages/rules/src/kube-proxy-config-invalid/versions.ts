/** Versions of kube-proxy: of its own image or print-out, else of the kubelets, else of the API server. */
import type { Evidence, KubeNode, Snapshot, YamlValue } from '@coldtrace/core';
import { partOfObject } from '../facts/part-of.js';

export interface Version {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly evidence: Evidence;
}

export interface Versions {
  /** Of all nodes; none: nothing tells. */
  readonly all: readonly Version[];
  /** `v1.28.3`, each once. */
  readonly text: string;
  readonly evidence: readonly Evidence[];
  readonly assumptions: readonly string[];
}

export function versionsOf(snapshot: Snapshot): Versions {
  const images = imageVersions(snapshot);
  const printed = printedVersions(snapshot);
  const all = [images, printed.own, nodeVersions(snapshot), printed.server].find((some) => some.length > 0) ?? [];
  return {
    all,
    text: [...new Set(all.map(({ text }) => text))].join(', '),
    evidence: all.slice(0, 1).map(({ evidence }) => evidence),
    assumptions: assumedOf(all, images, printed),
  };
}

/** Whether a version is this one or a later one. */
export function isFrom({ major, minor }: Version, first: number): boolean {
  return major > 1 || (major === 1 && minor >= first);
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
  return [{ text, major: Number(major), minor: Number(minor), evidence: { span, why } }];
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
