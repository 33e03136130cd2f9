/**
 * What a packet does not touch costs it nothing: on a node with hundreds of other devices, addresses, routes, neighbours and forwarding entries no list of them is
 * gone through for a packet, once the first one of its kind has had its indexes made. Counted, not timed.
 */
import { type Interview, interview, type NetNs, type Node, placeOf } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { readRegression, regressionNames } from '../kernel/referee/store.js';

const others = 400;
const lists = ['links', 'addresses', 'routes', 'neighbours', 'fdb'] as const;

const hex = (value: number) => value.toString(16).padStart(2, '0');
const each = (line: (at: number, low: string, mac: string) => string) =>
  Array.from({ length: others }, (_, at) =>
    line(at, `${at >> 8}.${at & 255}`, `ee:ee:ee:ee:${hex(at >> 8)}:${hex(at & 255)}`),
  ).join('');

const elsewhere = parseSnapshot([
  [
    'other/ip-addr.txt',
    each(
      (
        at,
        low,
        mac,
      ) => `${at + 1000}: zz${at}@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue ${at % 2 === 0 ? '' : 'master zzbr '}state UP group default qlen 1000
    link/ether ${mac} brd ff:ff:ff:ff:ff:ff link-netnsid ${at + 300}
    veth numtxqueues 1
    inet 172.30.${low}/32 scope link zz${at}
    inet6 fe80::${(at + 4096).toString(16)}/64 scope link
`,
    ),
  ],
  ['other/ip-route.txt', each((at, low) => `172.31.${low} dev zz${at} scope link\n`)],
  ['other/ip-6-route.txt', each((at) => `fd77::${(at + 16).toString(16)} dev zz${at} metric 1024 pref medium\n`)],
  ['other/ip-neigh.txt', each((at, low, mac) => `172.31.${low} dev zz${at} lladdr ${mac} REACHABLE\n`)],
  ['other/bridge-fdb.txt', each((at, _, mac) => `${mac} dev zz${at} master zzbr permanent\n`)],
]).nodes[0];

/** The namespace with the rows of the others behind its own; `reached` is told when somebody comes to the end of a list. */
function widened(ns: NetNs, reached: (list: string) => void): NetNs {
  const wide: Record<string, unknown> = { ...ns };
  for (const list of lists) {
    const own: readonly unknown[] = ns[list].rows;
    if (own.length === 0) continue;
    const rows = [...own, ...(elsewhere?.host[list].rows ?? [])];
    const watched = new Proxy(rows, {
      get: (target, name) => {
        if (name === String(rows.length - 1)) reached(list);
        return Reflect.get(target, name);
      },
    });
    wide[list] = { ...ns[list], rows: watched };
  }
  return wide as unknown as NetNs;
}

interface Watched {
  ask(): Interview;
  readonly listsRead: Set<string>;
}

function watched(node: Node): Watched {
  const listsRead = new Set<string>();
  const ns = widened(node.host, (list) => listsRead.add(list));
  const place = placeOf({ ...node, host: ns }, ns, 'none');
  return { ask: () => interview(place), listsRead };
}

it('the other rows are there', () => {
  expect(lists.map((list) => elsewhere?.host[list].rows.length)).toEqual([400, 800, 800, 400, 400]);
});

it.each(regressionNames())('%s: none of the lists is gone through for a packet', (name) => {
  const { dumps, probes } = readRegression(name);
  const [node] = parseSnapshot(new Map(dumps)).nodes;
  if (node === undefined) throw new Error('the dumps hold no node');
  const { ask, listsRead } = watched(node);
  const [first, again] = [ask(), ask()];
  const lines = probes.map((probe) => JSON.stringify(probe));
  lines.forEach((line, at) => {
    first(line, at + 1);
  });
  // They were read for the indexes.
  expect(listsRead.size).toBeGreaterThan(0);
  listsRead.clear();
  const dear = lines.filter((line, at) => {
    listsRead.clear();
    again(line, at + 1);
    return listsRead.size > 0;
  });
  expect(dear).toEqual([]);
});
