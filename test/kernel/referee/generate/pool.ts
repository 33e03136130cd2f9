/** The few addresses, ports and marks that a random node's rules and probes share, so that packets meet rules often. */
import type { Prng } from '../../../bench/prng.js';

export interface PoolDevice {
  readonly name: string;
  readonly mac: string;
  readonly net: string;
  readonly own: readonly [string, ...string[]];
  readonly hosts: readonly [string, ...string[]];
  /** Whom NETMAP may turn packets to. */
  readonly strangers: readonly string[];
}

export interface Pool {
  readonly family: 4 | 6;
  readonly devices: readonly [PoolDevice, ...PoolDevice[]];
  /** Networks behind gateways. */
  readonly remotes: readonly [Remote, ...Remote[]];
  /** Addresses that only nat rules know. */
  readonly services: readonly [string, ...string[]];
}

export interface Remote {
  readonly net: string;
  readonly hosts: readonly [string, ...string[]];
}

export const ports = [53, 80, 443, 4000, 8080, 30080, 40000] as const;
export const marks = [1, 2, 4, 0x10, 0x4000, 0x8000] as const;

const hostNumbers = [10, 11, 12, 13, 20, 77, 130, 200] as const;

/** `names`: devices that a shape asks for; else two to four of them. */
export function makePool(random: Prng, family: 4 | 6, names?: readonly string[]): Pool {
  const count = names?.length ?? 2 + random.below(3);
  const device = (at: number): PoolDevice => ({
    name: names?.[at] ?? `eth${at}`,
    mac: `02:00:00:00:0${at}:01`,
    net: family === 4 ? `10.${at}.0.0/24` : `fd00:${at}::/64`,
    own: [host(family, at, 1), ...(random.chance(0.5) ? [host(family, at, 2)] : [])],
    hosts: [host(family, at, 9), ...hostNumbers.map((number) => host(family, at, number))],
    strangers: [5, 6, 7].map((number) => host(family, at, number)),
  });
  const others = Array.from({ length: count - 1 }, (_, at) => device(at + 1));
  const remote = (at: number): Remote => ({
    net: family === 4 ? `172.16.${at}.0/24` : `2001:db8:${at}::/64`,
    hosts: [remoteHost(family, at, 5), remoteHost(family, at, 6), remoteHost(family, at, 7)],
  });
  return {
    family,
    devices: [device(0), ...others],
    remotes: [remote(0), remote(1), remote(2)],
    services: family === 4 ? ['10.96.0.1', '10.96.0.10'] : ['fd96::1', 'fd96::10'],
  };
}

function host(family: 4 | 6, at: number, number: number): string {
  return family === 4 ? `10.${at}.0.${number}` : `fd00:${at}::${number.toString(16)}`;
}

function remoteHost(family: 4 | 6, at: number, number: number): string {
  return family === 4 ? `172.16.${at}.${number}` : `2001:db8:${at}::${number}`;
}

export function anyDevice({ devices }: Pool, random: Prng): PoolDevice {
  return random.pick(devices);
}

/** Somebody that a packet may be from or to. */
export function anyHost(pool: Pool, random: Prng): string {
  const device = anyDevice(pool, random);
  return random.pick([
    random.pick(device.hosts),
    random.pick(device.hosts),
    random.pick(random.pick(pool.remotes).hosts),
    random.pick(random.pick(pool.remotes).hosts),
    random.pick(device.own),
    random.pick(pool.services),
  ]);
}

/** An address or network as rules and routes name them. */
export function anyPrefix(pool: Pool, random: Prng): string {
  const wide = pool.family === 4 ? ['10.0.0.0/8', '172.16.0.0/12', '0.0.0.0/0'] : ['fd00::/8', '2001:db8::/32', '::/0'];
  return random.pick([
    anyHost(pool, random),
    anyHost(pool, random),
    anyDevice(pool, random).net,
    random.pick(pool.remotes).net,
    wide[random.below(wide.length)] ?? '',
  ]);
}
