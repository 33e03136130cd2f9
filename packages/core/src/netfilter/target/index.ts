/** Every target extension, sorted by name. Adding one: its file, its test, one import and one entry here. */
import type { TargetDef } from '../extension.js';
import { mark } from './mark.js';

/** By name as after `-j`. One name may have a definition per family; the reader takes the one that fits. */
export const targetDefs: readonly TargetDef[] = [mark];
