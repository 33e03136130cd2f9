/** What follows from a namespace alone is worked out once, not for every packet. */
import type { Place } from './place.js';

/** The same function, which remembers what it made of a place and a key. */
export function perPlace<Key, Value>(make: (place: Place, key: Key) => Value): (place: Place, key: Key) => Value {
  const known = new WeakMap<Place, Map<Key, Value>>();
  return (place, key) => {
    let ofPlace = known.get(place);
    if (ofPlace === undefined) {
      ofPlace = new Map();
      known.set(place, ofPlace);
    }
    const found = ofPlace.get(key);
    if (found !== undefined) return found;
    const made = make(place, key);
    ofPlace.set(key, made);
    return made;
  };
}
