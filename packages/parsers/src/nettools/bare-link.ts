/** A device of which an output shows little: everything null that `ip -d link` would tell. */
import type { Link } from '@coldtrace/core';

export const bareLink: Omit<Link, 'span' | 'name'> = {
  ifindex: null,
  altnames: [],
  flags: [],
  mtu: null,
  state: null,
  type: null,
  mac: null,
  master: null,
  peer: null,
  peerIfindex: null,
  peerNetns: null,
  qdisc: null,
  group: null,
  details: null,
  port: null,
  counters: null,
};
