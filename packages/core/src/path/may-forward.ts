/** Whether a namespace passes on a packet that is not for it. IPv4 asks the device it came in by, IPv6 conf/all. net/ipv4/route.c, net/ipv6/ip6_output.c. */
import { ending } from '../verdict/disposition.js';
import { perPlace } from './per-place.js';
import { missing, type Place, sysctl } from './place.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

const settingsOf = {
  4: perPlace((place, iif: string | null) => settings(place, [`net/ipv4/conf/${iif}/forwarding`])),
  6: perPlace((place, iif: string | null) =>
    settings(place, ['net/ipv6/conf/all/forwarding', `net/ipv6/conf/${iif}/force_forwarding`]),
  ),
};

function settings(place: Place, keys: readonly string[]) {
  const found = keys.map((key) => ({ key, ...sysctl(place, key) }));
  const on = found.find(({ value }) => value !== null && value !== '0');
  return { found, on, allowed: on === undefined ? '' : `${dotted(on.key)} allows forwarding` };
}

export function mayForward(place: Place, world: World): World {
  const { found, on, allowed } = settingsOf[world.skb.family](place, world.skb.iif);
  if (on !== undefined) return note(world, place.name, 'forward', allowed, on.evidence);
  const [first] = found;
  if (first !== undefined && (first.value === '0' || first.known)) return stopped(place, world, first);
  const general = sysctl(place, 'net/ipv4/ip_forward');
  if (world.skb.family === 4 && general.value !== null && place.assume === 'defaults') {
    const reason = missing(place, 'sysctl', `${dotted(first?.key ?? '')} is taken to be as net.ipv4.ip_forward`);
    const told = assume(world, [reason]);
    if (general.value === '0') return stopped(place, told, { key: 'net/ipv4/ip_forward', ...general });
    return note(told, place.name, 'forward', 'net.ipv4.ip_forward allows forwarding', general.evidence);
  }
  const reason = missing(place, 'sysctl', `whether ${place.name} forwards packets is not known`);
  if (place.assume === 'none') return finish(leaveOpen(world, [reason]), ending('undetermined'));
  return assume(world, [{ ...reason, text: `${reason.text}; it is taken to forward` }]);
}

function stopped(place: Place, world: World, by: { readonly key: string } & ReturnType<typeof sysctl>): World {
  const what = `${dotted(by.key)} is off: the packet is not forwarded`;
  return finish(note(world, place.name, 'forward', what, by.evidence), ending('dropped'));
}

function dotted(key: string): string {
  return key.replaceAll('/', '.');
}
