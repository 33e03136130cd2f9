/** Behaviour that changed between kernels, by the release that `uname -r` names. */
import type { Reason } from '../tri.js';
import { missing, type Place } from './place.js';

export interface Since {
  /** The kernel is at least as new; without a release, taken to be. */
  readonly yes: boolean;
  readonly assumed: readonly Reason[];
  /** Nothing tells the release, and nothing may be assumed: `yes` says nothing. */
  readonly because: readonly Reason[];
}

export function since(place: Place, major: number, minor: number, what: string): Since {
  const release = place.node.kernel?.release ?? null;
  const [, first, second] = /^(\d+)\.(\d+)/.exec(release ?? '') ?? [];
  if (first !== undefined && second !== undefined) {
    const yes = Number(first) > major || (Number(first) === major && Number(second) >= minor);
    return { yes, assumed: [], because: [] };
  }
  const reason = missing(place, 'uname', `whether the kernel is at least ${major}.${minor}, ${what}, is not known`);
  if (place.assume === 'none') return { yes: true, assumed: [], because: [reason] };
  return { yes: true, assumed: [{ ...reason, text: `${reason.text}; taken to be` }], because: [] };
}
