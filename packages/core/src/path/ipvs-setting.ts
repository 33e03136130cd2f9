/** Parameters of IPVS, `net.ipv4.vs.*`. Documentation/networking/ipvs-sysctl.rst. */
import { showsIpvsSettings } from '../ipvs/settings.js';
import type { Reason } from '../tri.js';
import { missing, type Place, sysctl } from './place.js';
import { assume, forkOpen, type World } from './world.js';

export type IpvsSetting =
  | 'conntrack'
  | 'sloppy_tcp'
  | 'sloppy_sctp'
  | 'snat_reroute'
  | 'nat_icmp_send'
  | 'cache_bypass'
  | 'conn_reuse_mode'
  | 'expire_nodest_conn'
  | 'expire_quiescent_template'
  | 'schedule_icmp'
  | 'pmtu_disc';

/** All others are off unless somebody sets them. */
const onByDefault: ReadonlySet<IpvsSetting> = new Set<IpvsSetting>(['snat_reroute', 'conn_reuse_mode', 'pmtu_disc']);

export interface Decided {
  readonly world: World;
  readonly on: boolean;
}

const openText = (name: IpvsSetting) => `whether net.ipv4.vs.${name} is set is not known`;

/** IPVS is at work, so a dump without any of its parameters is of another time. */
function beforeIpvs({ name: node }: Place, name: IpvsSetting): Reason {
  return { dump: 'sysctl', text: `${openText(name)} (${node}: sysctl shows no parameter of IPVS)` };
}

/** The setting, or both ways where it was not captured. */
export function eachSetting(place: Place, world: World, name: IpvsSetting): readonly Decided[] {
  const { value, known } = sysctl(place, `net/ipv4/vs/${name}`);
  if (value !== null) return [{ world, on: value !== '0' }];
  const on = onByDefault.has(name);
  if (known && showsIpvsSettings(place.ns)) return [{ world, on }];
  const reason = known ? beforeIpvs(place, name) : missing(place, 'sysctl', openText(name));
  if (place.assume === 'defaults') {
    return [{ world: assume(world, [{ ...reason, text: `${reason.text}; taken to be ${on ? 1 : 0}` }]), on }];
  }
  const [set, unset] = forkOpen(world, [reason]);
  return [
    { world: set, on: true },
    { world: unset, on: false },
  ];
}
