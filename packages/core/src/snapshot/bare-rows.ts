/** Addresses and routes of which no more is said than their names: what ip(8) then leaves out. */
import type { Ip } from '../inet/ip.js';
import type { Address } from './address.js';
import type { NextHop, Route } from './route.js';

export const bareAddress = {
  peer: null,
  broadcast: null,
  scope: 'global',
  flags: [],
  label: null,
  validLifetime: null,
  preferredLifetime: null,
} as const satisfies Partial<Address>;

export const bareRoute = {
  src: null,
  table: 'main',
  tos: 0,
  metric: 0,
  prefsrc: null,
  scope: null,
  protocol: null,
  nexthops: [],
  nhid: null,
  mtu: null,
  advmss: null,
  pref: null,
  rest: [],
} as const satisfies Partial<Route>;

export function bareHop(dev: string | null, via: Ip | null = null): NextHop {
  return { via, dev, weight: 1, onlink: false, dead: false, linkdown: false, encap: null };
}
