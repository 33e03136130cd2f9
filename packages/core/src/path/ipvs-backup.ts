/** A node that stands by for another one takes no requests. net/netfilter/ipvs/ip_vs_core.c sysctl_backup_only. */
import { type Place, sysctl } from './place.js';
import { forkOpen, type World } from './world.js';

/** With `backup_only` set a node that stands by for another one (`ipvsadm --start-daemon backup`) takes no requests, which no dump shows. */
export function unlessBackup(place: Place, world: World, take: (world: World) => readonly World[]): readonly World[] {
  if ((sysctl(place, 'net/ipv4/vs/backup_only').value ?? '0') === '0') return take(world);
  const text = `whether ${place.name} stands by as a backup of IPVS, which net.ipv4.vs.backup_only asks for, is not known`;
  const [active, backup] = forkOpen(world, [{ dump: null, text }]);
  return [...take(active), backup];
}
