/** IP sets: their types, and whether a packet is in one. */
export type { SetDirection, SetKey, SetPacket } from './key.js';
export { type Dimension, type SetType, setTypeNamed, setTypes } from './set-types.js';
export { type SetsByName, testSet } from './test-set.js';
