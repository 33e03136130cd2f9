/** The public surface of @coldtrace/bundle (Node only). */
export { InputError } from './input-error.js';
export { defaultLimits, type Limits } from './limits.js';
export type { LeftOut } from './raw-file.js';
export { type ReadOptions, type ReadResult, readSnapshot, readSnapshotFrom } from './read-snapshot.js';
