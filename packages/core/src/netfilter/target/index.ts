/** Every target extension, sorted by name. Adding one: its file, its test, one import and one entry here. */
import type { TargetDef } from '../extension.js';
import { ct } from './ct.js';
import { dnat } from './dnat.js';
import { log } from './log.js';
import { mark } from './mark.js';
import { masquerade } from './masquerade.js';
import { notrack } from './notrack.js';
import { redirect } from './redirect.js';
import { reject } from './reject.js';
import { snat } from './snat.js';

/** By name as after `-j`. One name may have a definition per family; the reader takes the one that fits. */
export const targetDefs: readonly TargetDef[] = [ct, dnat, log, mark, masquerade, notrack, redirect, reject, snat];
