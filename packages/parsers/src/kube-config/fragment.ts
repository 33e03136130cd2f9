/** A few lines of a kube-proxy configuration pasted without the rest of the file: no kind tells what they are, but their fields do. */
import type { ComponentConfig, Diagnostic, YamlEntry, YamlValue } from '@coldtrace/core';
import type { Section } from '../format.js';
import type { entriesOf } from '../yaml/access.js';
import { placedSection } from '../yaml/place.js';
import { readYaml } from '../yaml/read.js';
import { kubeConfigCode } from './codes.js';
import { fieldsAt } from './fields.js';
import { kubeProxyFields } from './kube-proxy-schema.js';
import { nearestName } from './nearest.js';
import { validateConfig } from './validate.js';

/** Fields that nothing but this configuration has, and slips of them. */
const opening = /^\s{0,16}(?:masquerade[A-Za-z]{2,5}|(?:minS|s)yncPeriod|localhostNodePorts|strictARP)\s?:(?:\s|$)/;
const inside = /^\s{0,24}(?:[A-Za-z][A-Za-z0-9]{0,40}\s?:(?:\s|$)|- \S)/;

export function opensFragment(line: string): boolean {
  return opening.test(line.slice(0, 200));
}

/** End of the lines that look like fields. */
export function fragmentEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const feed = text.indexOf('\n', at);
    if (!inside.test(text.slice(at, feed < 0 ? text.length : Math.min(feed, at + 400)))) break;
    at = feed < 0 ? text.length : feed + 1;
  }
  return at;
}

export interface Fragment {
  readonly config: ComponentConfig;
  readonly diagnostics: readonly Diagnostic[];
}

/** The fields as part of a configuration; null when they are of no known section. */
export function readFragment(section: Section): Fragment | null {
  const value = readYaml(placedSection(section.file, section.start, section.end)).documents[0]?.value;
  if (value?.kind !== 'map') return null;
  const parent = headingBefore(section) ?? parentOf(value.entries);
  if (parent === null) return null;
  const entry: YamlEntry = { key: parent, keySpan: value.span, value };
  const body: YamlValue = { kind: 'map', entries: [entry], span: value.span };
  const problems = validateConfig('kube-proxy', body);
  return {
    config: {
      component: 'kube-proxy',
      origin: 'file',
      apiVersion: null,
      body,
      problems,
      span: value.span,
      trust: 'repaired',
    },
    diagnostics: [kubeConfigCode('fragment', value.span, { section: parent })],
  };
}

/** The section that the line above names, although it was not cut with its fields. */
function headingBefore(section: Section): string | null {
  const end = section.start - 1;
  if (end <= 0) return null;
  const from = section.file.text.lastIndexOf('\n', end - 1) + 1;
  const name = /^\s{0,16}([a-z]{4,16}):\s{0,4}$/.exec(section.file.text.slice(from, Math.min(end, from + 80)))?.[1];
  return name !== undefined && fieldsAt(kubeProxyFields, [name]) !== null ? name : null;
}

/** The section that knows most of the fields. */
function parentOf(entries: ReturnType<typeof entriesOf>): string | null {
  let best: string | null = null;
  let most = 0;
  for (const name of ['iptables', 'ipvs', 'nftables']) {
    const known = Object.keys(fieldsAt(kubeProxyFields, [name]) ?? {});
    const count = entries.filter((entry) => known.includes(entry.key) || nearestName(entry.key, known) !== null).length;
    if (count > most) {
      most = count;
      best = name;
    }
  }
  return best;
}
