/** `-m physdev`: the ports of a bridge that a packet crosses. iptables-extensions(8); net/netfilter/xt_physdev.c. */
import type { Skb } from '../../packet/skb.js';
import { defineMatch, type Given, negatable, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { flag, pick, printed, utf8Length, word } from '../value.js';

/** A trailing `+` stands for any rest. */
export interface PortName {
  readonly name: string;
  readonly invert: boolean;
}

/** For each `--physdev-is-…`: true as given, false negated, null absent. */
export interface PhysdevMatch {
  readonly isIn: boolean | null;
  readonly in: PortName | null;
  readonly isOut: boolean | null;
  readonly out: PortName | null;
  readonly isBridged: boolean | null;
}

const longestName = 15;

const portName = word(
  'name',
  (value): string | Refusal => {
    if (value === '') return refuse('an empty device name tests nothing');
    return utf8Length(value) > longestName ? refuse(`"${value}" is longer than ${longestName} bytes`) : value;
  },
  (choose) => pick(choose, ['eth0', 'veth+', 'cali12345678901', 'a.b-c', 'br0']),
);

export const physdev = defineMatch({
  name: 'physdev',
  families: [4, 6],
  options: {
    'physdev-in': negatable(portName),
    'physdev-out': negatable(portName),
    'physdev-is-in': negatable(flag),
    'physdev-is-out': negatable(flag),
    'physdev-is-bridged': negatable(flag),
  },
  sample: (choose, cx) => {
    const outAllowed = cx.chain !== 'OUTPUT';
    const which = outAllowed ? 1 + choose(31) : pick(choose, [1, 2, 3, 16, 17]);
    const not = () => choose(3) === 0;
    return [
      ...((which & 1) !== 0 ? printed('--physdev-in', portName.sample(choose, cx), not()) : []),
      ...((which & 2) !== 0 ? printed('--physdev-is-in', [], not()) : []),
      ...((which & 4) !== 0 ? printed('--physdev-out', portName.sample(choose, cx), not()) : []),
      ...((which & 8) !== 0 ? printed('--physdev-is-out', [], not()) : []),
      ...((which & 16) !== 0 ? printed('--physdev-is-bridged', [], not()) : []),
    ];
  },
  build: (given, cx): PhysdevMatch | Refusal => {
    const data: PhysdevMatch = {
      isIn: isGiven(given['physdev-is-in']),
      in: nameGiven(given['physdev-in']),
      isOut: isGiven(given['physdev-is-out']),
      out: nameGiven(given['physdev-out']),
      isBridged: isGiven(given['physdev-is-bridged']),
    };
    if (Object.values(data).every((part) => part === null)) return refuse('none of its options is given');
    if (cx.chain === 'OUTPUT' && (data.out !== null || data.isOut !== null) && data.isBridged !== true) {
      return refuse('in OUTPUT the leaving port is known for bridged packets only');
    }
    return data;
  },
  save: words,
  listing: (cursor): PhysdevMatch | null => {
    const at = cursor.at;
    if (cursor.accept('PHYSDEV', 'match')) {
      const isIn = listedIs(cursor, '--physdev-is-in');
      const inName = listedName(cursor, '--physdev-in');
      const isOut = listedIs(cursor, '--physdev-is-out');
      const out = listedName(cursor, '--physdev-out');
      const isBridged = listedIs(cursor, '--physdev-is-bridged');
      return { isIn, in: inName, isOut, out, isBridged };
    }
    cursor.reset(at);
    return null;
  },
  test: (data, { skb }) => (skb.physIn === null && skb.physOut === null ? testUnbridged(data) : testPorts(data, skb)),
});

function words(data: PhysdevMatch): readonly string[] {
  return [
    ...saveIs('--physdev-is-in', data.isIn),
    ...saveName('--physdev-in', data.in),
    ...saveIs('--physdev-is-out', data.isOut),
    ...saveName('--physdev-out', data.out),
    ...saveIs('--physdev-is-bridged', data.isBridged),
  ];
}

/** A packet that no bridge port saw passes negated options only. */
function testUnbridged(data: PhysdevMatch): boolean {
  const is = [data.isIn, data.isOut, data.isBridged];
  return is.every((wanted) => wanted !== true) && [data.in, data.out].every((test) => test === null || test.invert);
}

function testPorts(data: PhysdevMatch, { physIn, physOut }: Skb): boolean {
  if (data.isBridged !== null && (physOut !== null) !== data.isBridged) return false;
  if (data.isIn !== null && (physIn !== null) !== data.isIn) return false;
  if (data.isOut !== null && (physOut !== null) !== data.isOut) return false;
  // Without an entering port its name is not asked; without a leaving one even a negated name fails.
  if (data.in !== null && physIn !== null && named(data.in, physIn) === data.in.invert) return false;
  if (data.out === null) return true;
  return physOut !== null && named(data.out, physOut) !== data.out.invert;
}

function named({ name }: PortName, device: string): boolean {
  return name.endsWith('+') ? device.startsWith(name.slice(0, -1)) : device === name;
}

function isGiven(given: Given<true> | undefined): boolean | null {
  return given === undefined ? null : !given.invert;
}

function nameGiven(given: Given<string> | undefined): PortName | null {
  return given === undefined ? null : { name: given.value, invert: given.invert };
}

function saveIs(name: string, wanted: boolean | null): readonly string[] {
  return wanted === null ? [] : printed(name, [], !wanted);
}

function saveName(name: string, test: PortName | null): readonly string[] {
  return test === null ? [] : printed(name, [test.name], test.invert);
}

function listedIs(cursor: ListingCursor, name: string): boolean | null {
  if (cursor.accept('!', name)) return false;
  return cursor.accept(name) ? true : null;
}

function listedName(cursor: ListingCursor, name: string): PortName | null {
  const invert = cursor.accept('!', name);
  return invert || cursor.accept(name) ? { name: cursor.take() ?? '', invert } : null;
}
