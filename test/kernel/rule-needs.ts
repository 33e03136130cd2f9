/** What must be there before generated rules can be loaded: the sets and estimators that they refer to. ipset(8). */
import type { Family } from '@coldtrace/core';
import { setsOfSamples } from '../../packages/core/src/netfilter/match/set.js';

export function prepareNamespace(family: Family): string {
  const sets = setsOfSamples[family].map(
    (name) => `ipset create ${name} hash:ip,port,ip family inet${family === 6 ? '6' : ''} timeout 0 skbinfo`,
  );
  return ['set -e', 'ip link set lo up', ...sets].join('\n');
}

/** Extensions that refer to objects which none of the tools here can make. */
export const withoutObjects: readonly string[] = ['-m nfacct'];
