/** What must be there before generated rules can be loaded: the sets and estimators that they refer to. ipset(8). */
import type { Family } from '@coldtrace/core';
import { setsOfSamples } from '../../packages/core/src/netfilter/match/set.js';

export function prepareNamespace(family: Family): string {
  const sets = setsOfSamples[family].map(
    (name) => `ipset create ${name} hash:ip,port,ip family inet${family === 6 ? '6' : ''} timeout 0 skbinfo`,
  );
  // Estimators live as long as a rule counts for them: in the tables of the other family, where no generated rule is loaded.
  const other = family === 6 ? 'iptables-legacy' : 'ip6tables-legacy';
  const estimators = ['est1', 'est2'].map(
    (name) => `${other} -A OUTPUT -j RATEEST --rateest-name ${name} --rateest-interval 250ms --rateest-ewmalog 1s`,
  );
  return ['set -e', 'ip link set lo up', ...sets, ...estimators].join('\n');
}

/** Extensions that refer to what none of the tools here can make: accounting objects, labels of a security module. */
export const withoutObjects: readonly string[] = ['-m nfacct', '-j SECMARK'];

/** Options that name something which must be there, so that words at random would say nothing about the rule. */
export const namingObjects: ReadonlySet<string> = new Set([
  'helper',
  'timeout',
  'path',
  'object-pinned',
  'rateest',
  'rateest2',
  'match-set',
  'add-set',
  'del-set',
  'map-set',
  'rateest-name',
  'label',
  'src-group',
  'dst-group',
]);
