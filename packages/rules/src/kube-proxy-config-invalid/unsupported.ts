/** What is right in some version of kube-proxy, and not in the one that runs. pkg/proxy/apis/config/validation (modes), cmd/kube-proxy/app (scheme). */
import type { ComponentConfig, ConfigProblem, Snapshot, YamlValue } from '@coldtrace/core';
import type { Consequence } from './consequence.js';
import { isFrom, versionsOf } from './versions.js';

export interface Unsupported {
  readonly problem: ConfigProblem;
  readonly consequence: Consequence;
}

/** Modes by the first minor version that takes them, and the first that does not any more. */
const modes: Readonly<Record<string, { readonly from: number; readonly until: number }>> = {
  iptables: { from: 0, until: Number.POSITIVE_INFINITY },
  ipvs: { from: 8, until: Number.POSITIVE_INFINITY },
  nftables: { from: 29, until: Number.POSITIVE_INFINITY },
  userspace: { from: 0, until: 26 },
  // Of Windows only.
  kernelspace: { from: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY },
};

export function unsupportedIn(snapshot: Snapshot, config: ComponentConfig): readonly Unsupported[] {
  if (config.origin === 'log') return [];
  return [...mode(snapshot, config), ...apiVersion(snapshot, config)];
}

function mode(snapshot: Snapshot, { body }: ComponentConfig): readonly Unsupported[] {
  const given = scalarAt(body, 'mode');
  const range = given === null || !Object.hasOwn(modes, given.text) ? undefined : modes[given.text];
  const { all, text, evidence, assumptions } = versionsOf(snapshot);
  const known = all.length > 0 || range?.from === Number.POSITIVE_INFINITY;
  if (given === null || range === undefined || !known) return [];
  if (all.some((one) => isFrom(one, range.from) && !isFrom(one, range.until))) return [];
  const message = `mode: kube-proxy ${text === '' ? 'of Linux' : text} knows no mode ${given.text}`;
  return [
    {
      problem: { kind: 'bad-value', path: 'mode', message, nearest: null, span: given.span },
      consequence: { kind: 'fatal', why: taken(given.text, range), evidence, assumptions },
    },
  ];
}

function taken(name: string, { from, until }: { readonly from: number; readonly until: number }): string {
  if (from === Number.POSITIVE_INFINITY) return `${name} is for Windows`;
  return Number.isFinite(until) ? `1.${until} took ${name} away` : `${name} came with 1.${from}`;
}

const group = 'kubeproxy.config.k8s.io/';

function apiVersion(snapshot: Snapshot, { apiVersion: given, body }: ComponentConfig): readonly Unsupported[] {
  const place = scalarAt(body, 'apiVersion');
  if (given === null || place === null || given === `${group}v1alpha1`) return [];
  const { text, evidence } = versionsOf(snapshot);
  const message = `apiVersion: ${given} is not ${group}v1alpha1`;
  const assumption = `kube-proxy${text === '' ? '' : ` ${text}`} decodes ${group}v1alpha1 only, as all versions up to 1.34 do`;
  return [
    {
      problem: { kind: 'bad-value', path: 'apiVersion', message, nearest: null, span: place.span },
      consequence: {
        kind: 'fatal',
        why: 'no kind is registered for another version',
        evidence,
        assumptions: [assumption],
      },
    },
  ];
}

function scalarAt(body: YamlValue, key: string): Extract<YamlValue, { readonly kind: 'scalar' }> | null {
  const value = body.kind === 'map' ? body.entries.find((entry) => entry.key === key)?.value : undefined;
  return value?.kind === 'scalar' ? value : null;
}
