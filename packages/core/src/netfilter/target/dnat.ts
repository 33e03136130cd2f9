/** `-j DNAT`: another destination for the connection. iptables-extensions(8); net/netfilter/xt_nat.c. */
import { defineTarget, isRefusal, option, type Refusal, refuse } from '../extension.js';
import { flag } from '../value.js';
import { formatNatRange, type NatRange, natRange, readNatRange } from './nat-range.js';

export interface DnatTarget extends NatRange {
  readonly random: boolean;
  readonly persistent: boolean;
}

const destination = natRange('[ipaddr[-ipaddr]][:port[-port[/port]]]', 'kept');

/** Every field by name, so that all have one shape: a spread gives each its own, and there is one for each endpoint. */
function dnatOf({ addresses, ports, portBase }: NatRange, random: boolean, persistent: boolean): DnatTarget {
  return { addresses, ports, portBase, random, persistent };
}

/** The definition; `targetData` gives the range of addresses and ports that connections are sent to. */
export const dnat = defineTarget({
  name: 'DNAT',
  families: [4, 6],
  tables: ['nat'],
  hooks: ['PREROUTING', 'OUTPUT'],
  options: {
    'to-destination': option(destination),
    random: option(flag),
    persistent: option(flag),
  },
  sample: (choose, cx) => [
    '--to-destination',
    ...destination.sample(choose, cx),
    ...['--random', '--persistent'].filter(() => choose(4) === 0),
  ],
  build: (given): DnatTarget | Refusal => {
    const to = given['to-destination'];
    if (to === undefined) return refuse('--to-destination is missing');
    return dnatOf(to.value, given.random !== undefined, given.persistent !== undefined);
  },
  save: (data) => [
    '--to-destination',
    formatNatRange(data),
    ...(data.random ? ['--random'] : []),
    ...(data.persistent ? ['--persistent'] : []),
  ],
  listing: (cursor, cx): DnatTarget | null => {
    const at = cursor.at;
    const to = cursor.acceptPrefix('to:');
    const range = to === null ? refuse('') : readNatRange(to, { ...cx, namedProto: 6 }, 'kept');
    if (!isRefusal(range)) {
      const random = cursor.accept('random');
      return dnatOf(range, random, cursor.accept('persistent'));
    }
    cursor.reset(at);
    return null;
  },
  apply: (data) => {
    const { addresses, ports, portBase, random, persistent } = data;
    return { kind: 'nat', spec: { kind: 'dst', addresses, ports, portBase, random, persistent, netmap: null } };
  },
});
