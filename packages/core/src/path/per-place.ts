/** What follows from a namespace alone is worked out once, not for every packet. It is kept by the place itself, which is found sooner than in a WeakMap. */
import type { Place } from './place.js';

/** Each function has a slot of its own in all places. */
let slots = 0;

/** The same function, which remembers what it made of a place and a key. */
export function perPlace<Key, Value>(make: (place: Place, key: Key) => Value): (place: Place, key: Key) => Value {
  const mapOf = oncePerPlace(() => new Map<Key, Value>());
  return (place, key) => {
    const known = mapOf(place);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(place, key);
    known.set(key, made);
    return made;
  };
}

/** The same function, which remembers what it made of a place. */
export function oncePerPlace<Value>(make: (place: Place) => Value): (place: Place) => Value {
  const slot = slots++;
  return (place) => {
    const found = place.known[slot];
    // Nobody else writes to this slot.
    if (found !== undefined) return found as Value;
    const made = make(place);
    place.known[slot] = made;
    return made;
  };
}
