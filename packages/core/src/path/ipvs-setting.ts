/** Parameters of IPVS, `net.ipv4.vs.*`. Documentation/networking/ipvs-sysctl.rst. */
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
  | 'schedule_icmp';

/** All others are off unless somebody sets them. */
const onByDefault: ReadonlySet<IpvsSetting> = new Set<IpvsSetting>(['snat_reroute', 'conn_reuse_mode']);

export interface Decided {
  readonly world: World;
  readonly on: boolean;
}

/** The setting, or both ways where it was not captured. */
export function eachSetting(place: Place, world: World, name: IpvsSetting): readonly Decided[] {
  const { value, known } = sysctl(place, `net/ipv4/vs/${name}`);
  if (value !== null) return [{ world, on: value !== '0' }];
  const on = onByDefault.has(name);
  if (known) return [{ world, on }];
  const reason = missing(place, 'sysctl', `whether net.ipv4.vs.${name} is set is not known`);
  if (place.assume === 'defaults') {
    return [{ world: assume(world, [{ ...reason, text: `${reason.text}; taken to be ${on ? 1 : 0}` }]), on }];
  }
  const [set, unset] = forkOpen(world, [reason]);
  return [
    { world: set, on: true },
    { world: unset, on: false },
  ];
}
