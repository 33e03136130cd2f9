/** One device as `ip addr`, `ip -d link`, `ip -s link` and net-tools show it: each knows what another leaves out. */
import type { Link } from '@coldtrace/core';

export function joinLinks(link: Link, other: Link): Link {
  const [rich, poor] = richness(other) > richness(link) ? [other, link] : [link, other];
  return {
    ...rich,
    ifindex: rich.ifindex ?? poor.ifindex,
    altnames: rich.altnames.length > 0 ? rich.altnames : poor.altnames,
    flags: rich.flags.length > 0 ? rich.flags : poor.flags,
    mtu: rich.mtu ?? poor.mtu,
    state: rich.state ?? poor.state,
    type: rich.type ?? poor.type,
    mac: rich.mac ?? poor.mac,
    master: rich.master ?? poor.master,
    peer: rich.peer ?? poor.peer,
    peerIfindex: rich.peerIfindex ?? poor.peerIfindex,
    peerNetns: rich.peerNetns ?? poor.peerNetns,
    qdisc: rich.qdisc ?? poor.qdisc,
    group: rich.group ?? poor.group,
    details: rich.details ?? poor.details,
    ...(rich.detailed === true || poor.detailed === true ? { detailed: true } : {}),
    port: rich.port ?? poor.port,
    counters: rich.counters ?? poor.counters,
  };
}

function richness(link: Link): number {
  const known = [link.ifindex, link.mtu, link.state, link.type, link.mac, link.qdisc, link.group, link.counters];
  const weight = (link.details === null ? 0 : 20) + (link.port === null ? 0 : 5);
  return weight + known.filter((value) => value !== null).length;
}
