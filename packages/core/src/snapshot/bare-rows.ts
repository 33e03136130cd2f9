/** Addresses and routes of which no more is said than their names: what ip(8) then leaves out. */
import type { Ip } from '../inet/ip.js';
import type { Address } from './address.js';
import type { NextHop, Route } from './route.js';

/** What an address is besides device, address and prefix where an output tells no more. */
export const bareAddress = {
  peer: null,
  broadcast: null,
  scope: 'global',
  flags: [],
  label: null,
  validLifetime: null,
  preferredLifetime: null,
} as const satisfies Partial<Address>;

/** What a route is besides family, type and destination where an output tells no more: in table main, of metric 0. */
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

/** A next hop of weight 1 that is in use. */
export function bareHop(dev: string | null, via: Ip | null = null): NextHop {
  return { via, dev, weight: 1, onlink: false, dead: false, linkdown: false, encap: null };
}
