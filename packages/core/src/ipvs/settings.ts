/** The kernel parameters of IPVS. net/netfilter/ipvs/ip_vs_ctl.c ip_vs_control_net_init_sysctl. */
import type { NetNs } from '../snapshot/node.js';

const known = new WeakMap<NetNs['sysctl'], boolean>();

/** Was the dump of kernel parameters taken with IPVS loaded? Its module registers them all in each namespace. */
export function showsIpvsSettings({ sysctl }: Pick<NetNs, 'sysctl'>): boolean {
  let shows = known.get(sysctl);
  if (shows === undefined) {
    shows = [...sysctl.byKey.keys()].some((key) => key.startsWith('net/ipv4/vs/'));
    known.set(sysctl, shows);
  }
  return shows;
}
