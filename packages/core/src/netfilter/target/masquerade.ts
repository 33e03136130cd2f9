/** `-j MASQUERADE`: the source becomes an address of the out device. iptables-extensions(8); net/netfilter/xt_MASQUERADE.c. */
import { defineTarget, isRefusal, option } from '../extension.js';
import { flag } from '../value.js';
import { formatNatPorts, lostBase, type NatPorts, natPorts, readNatPorts } from './nat-range.js';

export interface MasqueradeTarget {
  readonly to: NatPorts | null;
  readonly random: boolean;
  readonly randomFully: boolean;
}

export const masquerade = defineTarget({
  name: 'MASQUERADE',
  families: [4, 6],
  tables: ['nat'],
  hooks: ['POSTROUTING'],
  options: {
    'to-ports': option(natPorts('zeroed')),
    random: option(flag),
    'random-fully': option(flag),
  },
  build: (given): MasqueradeTarget => ({
    to: given['to-ports']?.value ?? null,
    random: given.random !== undefined,
    randomFully: given['random-fully'] !== undefined,
  }),
  save: (data) => [
    ...(data.to === null ? [] : ['--to-ports', formatNatPorts(data.to)]),
    ...(data.random ? ['--random'] : []),
    ...(data.randomFully ? ['--random-fully'] : []),
  ],
  loses: (data) => lostBase(data.to?.portBase ?? null),
  listing: (cursor, cx): MasqueradeTarget | null => {
    const at = cursor.at;
    let to: NatPorts | null = null;
    if (cursor.accept('masq', 'ports:')) {
      const ports = readNatPorts(cursor.take() ?? '', { ...cx, namedProto: 6 }, 'zeroed');
      if (isRefusal(ports)) {
        cursor.reset(at);
        return null;
      }
      to = ports;
    }
    const random = cursor.accept('random');
    return { to, random, randomFully: cursor.accept('random-fully') };
  },
  apply: ({ to, random, randomFully }) => ({
    kind: 'masquerade',
    ports: to?.ports ?? null,
    portBase: to?.portBase ?? null,
    random: random || randomFully,
  }),
});
