/** IP sets: their types, and whether a packet is in one. */
export { changeSet, type SetOrder } from './change.js';
export { changedSet, type SetChange } from './changed.js';
export type { SetDirection, SetKey, SetPacket } from './key.js';
export { mappedMark } from './mapped-mark.js';
export { type Dimension, type SetType, setTypeNamed, setTypes } from './set-types.js';
export { type SetsByName, testSet } from './test-set.js';
