/** Devices that stand on another one and take frames in its place: macvlan by hardware address. drivers/net/macvlan.c macvlan_handle_frame. */
import { isGroupMac, type Mac, sameMac } from '../inet/mac.js';
import type { Link } from '../snapshot/link.js';
import type { Reason } from '../tri.js';
import { perPlace } from './per-place.js';
import { missing, type Place } from './place.js';

export type Taker =
  | { readonly kind: 'itself' }
  | { readonly kind: 'upper'; readonly name: string }
  /** A copy for each of these devices, the one below first. */
  | { readonly kind: 'each'; readonly names: readonly string[] }
  | { readonly kind: 'open'; readonly because: readonly Reason[] };

const kinds: ReadonlySet<string> = new Set(['macvlan', 'macvtap', 'ipvlan', 'ipvtap']);

/** By the lower device; those that are down take nothing. */
const standingOn = perPlace((place: Place, dev: string): readonly Link[] =>
  place.ns.links.rows.filter(
    ({ peer, trust, flags, details }) =>
      peer === dev &&
      trust !== 'claimed' &&
      flags.includes('UP') &&
      details?.kind === 'other' &&
      kinds.has(details.type),
  ),
);

/** Devices whose kind no output shows: an address that is not the lower device's own may make frames theirs. */
const unclearOn = perPlace((place: Place, dev: string): readonly Link[] => {
  const lower = place.ns.links.rows.find(({ name, trust }) => name === dev && trust !== 'claimed')?.mac ?? null;
  return place.ns.links.rows.filter(
    ({ peer, trust, flags, details, detailed, mac }) =>
      peer === dev &&
      trust !== 'claimed' &&
      flags.includes('UP') &&
      details === null &&
      detailed !== true &&
      mac !== null &&
      !(lower !== null && sameMac(mac, lower)),
  );
});

export function takerOf(place: Place, dev: string, dst: Mac | null): Taker {
  const unclear = dst === null ? undefined : unclearOn(place, dev).find(({ mac }) => mayTake(mac, dst));
  if (unclear !== undefined)
    return {
      kind: 'open',
      because: [missing(place, 'ip-link', `what kind of device ${unclear.name} on ${dev} is is not known`)],
    };
  const uppers = standingOn(place, dev);
  if (uppers.length === 0 || dst === null) return { kind: 'itself' };
  const odd = uppers.find(({ details }) => details?.kind === 'other' && !isPlain(details));
  if (odd !== undefined) return open(`which frames ${odd.name} takes in place of ${dev} is not modelled`);
  if (isGroupMac(dst)) return { kind: 'each', names: [dev, ...uppers.map(({ name }) => name)] };
  const upper = uppers.find(({ mac }) => mac !== null && sameMac(mac, dst));
  return upper === undefined ? { kind: 'itself' } : { kind: 'upper', name: upper.name };
}

function mayTake(own: Mac | null, dst: Mac): boolean {
  return isGroupMac(dst) || (own !== null && sameMac(own, dst));
}

/** Other modes look at more than the destination. */
function isPlain({ type, words }: { readonly type: string; readonly words: readonly string[] }): boolean {
  const text = words.join(' ');
  return (type === 'macvlan' || type === 'macvtap') && /\bmode (?:bridge|private|vepa)\b/.test(text);
}

function open(text: string): Taker {
  return { kind: 'open', because: [{ dump: null, text }] };
}
