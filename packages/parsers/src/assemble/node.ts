/** The facts of one machine as one record. */
import type { CaptureDate, KernelIdentity, NamedText, Node } from '@coldtrace/core';
import type { Contribution } from './contribution.js';
import { mergeContainers } from './merge-containers.js';
import { contentKey, mergeRows } from './merge-rows.js';
import { netnsOf, partsOf, rowsOf } from './netns.js';
import { reservationsOf } from './reservations.js';

export interface NodeParts {
  readonly name: string;
  readonly named: boolean;
  readonly given: readonly Contribution[];
}

export function nodeOf({ name, named, given }: NodeParts): Node {
  const inside = byNetns(given);
  return {
    name,
    named,
    host: netnsOf(null, inside.get(null) ?? []),
    namespaces: [...inside].flatMap(([netns, own]) => (netns === null ? [] : [netnsOf(netns, own)])),
    netnsNames: mergeRows(partsOf(given, 'netns-names'), (row) => row.text),
    kernel: kernelOf(rowsOf(given, 'kernel')),
    hostname: hostnameOf(given),
    date: dateOf(rowsOf(given, 'date')),
    processes: mergeRows(partsOf(given, 'processes'), contentKey),
    modules: mergeRows(partsOf(given, 'modules'), (row) => row.name),
    containers: mergeContainers(partsOf(given, 'containers')),
    features: mergeRows(partsOf(given, 'features'), (row) => `${row.dev} ${row.name}`),
    settings: rowsOf(given, 'settings'),
    reservations: reservationsOf(partsOf(given, 'reservations')),
    certificates: rowsOf(given, 'certificates'),
    wholeCertificates: partsOf(given, 'certificates').some(({ complete }) => complete),
    keys: rowsOf(given, 'keys'),
    tls: rowsOf(given, 'tls'),
    configs: rowsOf(given, 'component-configs'),
    observations: rowsOf(given, 'observations'),
    failures: rowsOf(given, 'failures'),
  };
}

function byNetns(given: readonly Contribution[]): ReadonlyMap<string | null, readonly Contribution[]> {
  const groups = new Map<string | null, Contribution[]>();
  for (const one of given) {
    const group = groups.get(one.where.netns);
    if (group === undefined) groups.set(one.where.netns, [one]);
    else group.push(one);
  }
  return groups;
}

function hostnameOf(given: readonly Contribution[]): NamedText | null {
  return (
    rowsOf(
      given.filter((one) => one.where.netns === null),
      'hostname',
    )[0] ?? null
  );
}

/** `uname -r`, `uname -a`, `hostnamectl`: each shows a part. */
function kernelOf(rows: readonly KernelIdentity[]): KernelIdentity | null {
  const [first] = rows;
  if (first === undefined) return null;
  const shown = <Key extends keyof KernelIdentity>(key: Key) => rows.find((row) => row[key] !== null) ?? first;
  return {
    ...first,
    sysname: shown('sysname').sysname,
    nodename: shown('nodename').nodename,
    release: shown('release').release,
    version: shown('version').version,
    machine: shown('machine').machine,
  };
}

function dateOf(rows: readonly CaptureDate[]): CaptureDate | null {
  return rows.find((row) => row.at !== null) ?? rows[0] ?? null;
}
