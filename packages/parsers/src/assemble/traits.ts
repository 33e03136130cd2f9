/** What an output says of a machine that another machine would say otherwise: addresses and hardware addresses of devices, the kernel, its settings. */
import { formatIp, formatMac, type Ip } from '@coldtrace/core';
import { isSetting } from './contradictions.js';
import type { Contribution } from './contribution.js';

export interface Trait {
  /** What it is about: the network namespace, and the device or the setting in it. */
  readonly about: string;
  readonly values: ReadonlySet<string>;
  /** Machines share settings and kernels; an address or a hardware address tells which one it is. */
  readonly identifies: boolean;
  /** The output is of a command that sets what it prints. */
  readonly changed: boolean;
  readonly phrase: (known: string, now: string) => string;
}

export function traitsOf(one: Contribution): readonly Trait[] {
  const { facts, where } = one;
  const place = where.netns ?? '';
  switch (facts.kind) {
    case 'addresses':
      return addressTraits(place, facts.rows);
    case 'routes':
      return addressTraits(place, facts.rows.flatMap(ownAddress));
    case 'links':
      return facts.rows.flatMap((link) => {
        if (link.mac === null || !isHardware(link.name)) return [];
        const phrase = (known: string, now: string) => `${link.name} with ${known} and with ${now}`;
        return [
          {
            ...plain,
            about: `${place}\nmac ${link.name}`,
            values: new Set([formatMac(link.mac)]),
            identifies: true,
            phrase,
          },
        ];
      });
    case 'sysctls': {
      const changed = /\s(?:-w|-p|--system|--load)\b|=/.test(one.source.command ?? '');
      return facts.rows
        .filter((row) => row.trust !== 'claimed' && isSetting(row))
        .map((row) => ({
          ...plain,
          about: `${place}\nset ${row.key}`,
          values: new Set([row.value]),
          changed,
          phrase: (known: string, now: string) => `${row.key.replaceAll('/', '.')} = ${known} and = ${now}`,
        }));
    }
    case 'kernel':
      return facts.rows.flatMap(({ release }) =>
        release === null
          ? []
          : [
              {
                ...plain,
                about: '\nkernel',
                values: new Set([release]),
                phrase: (a: string, b: string) => `kernel ${a} and ${b}`,
              },
            ],
      );
    default:
      return [];
  }
}

const plain = { identifies: false, changed: false };

interface Own {
  readonly dev: string;
  readonly ip: Ip;
}

/** Loopback is the same everywhere, and IPv6 addresses of a device may come and go. */
function addressTraits(place: string, rows: readonly Own[]): readonly Trait[] {
  const found = new Map<string, Set<string>>();
  for (const { dev, ip } of rows) {
    if (ip.family !== 4 || dev === 'lo') continue;
    const ips = found.get(dev) ?? new Set();
    found.set(dev, ips.add(formatIp(ip)));
  }
  return [...found].map(([dev, values]) => ({
    ...plain,
    about: `${place}\n${dev}`,
    values,
    identifies: true,
    phrase: (known, now) => `${dev} with ${known} and with ${now}`,
  }));
}

type RouteRow = Extract<Contribution['facts'], { readonly kind: 'routes' }>['rows'][number];

/** The kernel writes a route of each address of a device, with the address as its source. */
function ownAddress({ protocol, prefsrc, nexthops, type, trust }: RouteRow): readonly Own[] {
  const dev = nexthops.length === 1 ? nexthops[0]?.dev : null;
  if (protocol !== 'kernel' || type !== 'unicast' || prefsrc === null || dev == null || trust === 'claimed') return [];
  return [{ dev, ip: prefsrc }];
}

/** Devices that are made anew have new addresses each time. */
function isHardware(name: string): boolean {
  return /^(?:eth|en[ospx]|em|wl|ib|bond|team)\w/.test(name);
}
