/** `-j REDIRECT`: to the node itself, perhaps to another port. iptables-extensions(8); net/netfilter/xt_REDIRECT.c. */
import type { PortRange } from '../../inet/port.js';
import { formatPortRange } from '../../inet/port.js';
import { defineTarget, isRefusal, option } from '../extension.js';
import { flag } from '../value.js';
import { natPorts, readNatPorts } from './nat-range.js';

export interface RedirectTarget {
  readonly ports: PortRange | null;
  readonly random: boolean;
}

export const redirect = defineTarget({
  name: 'REDIRECT',
  families: [4, 6],
  tables: ['nat'],
  hooks: ['PREROUTING', 'OUTPUT'],
  options: {
    'to-ports': option(natPorts('refused')),
    random: option(flag),
  },
  build: (given): RedirectTarget => ({
    ports: given['to-ports']?.value.ports ?? null,
    random: given.random !== undefined,
  }),
  save: (data) => [
    ...(data.ports === null ? [] : ['--to-ports', formatPortRange(data.ports, '-')]),
    ...(data.random ? ['--random'] : []),
  ],
  listing: (cursor, cx): RedirectTarget | null => {
    const at = cursor.at;
    let ports: PortRange | null = null;
    if (cursor.accept('redir', 'ports')) {
      const listed = readNatPorts(cursor.take() ?? '', { ...cx, namedProto: 6 }, 'refused');
      if (isRefusal(listed)) {
        cursor.reset(at);
        return null;
      }
      ports = listed.ports;
    }
    return { ports, random: cursor.accept('random') };
  },
  apply: ({ ports, random }) => ({ kind: 'redirect', ports, random }),
});
