/** Kernel parameters that switch something on, as yes, no or open. Documentation/networking/ip-sysctl.rst. */
import type { Reason } from '../tri.js';
import type { Evidence } from '../verdict/step.js';
import { perPlace } from './per-place.js';
import { missing, type Place, sysctl } from './place.js';

export interface Switch {
  readonly on: boolean;
  /** The value is the kernel's default, taken because the key was not captured. */
  readonly assumed: readonly Reason[];
  /** Not captured, and nothing may be assumed: `on` says nothing. */
  readonly because: readonly Reason[];
  readonly evidence: readonly Evidence[];
}

/** `net.ipv4.conf.{all,DEV}.NAME`: either is enough (IN_DEV_ORCONF). */
export function eitherSwitch(place: Place, name: string, dev: string | null): Switch {
  const known = switchesOf(place, name);
  const found = known.get(dev);
  if (found !== undefined) return found;
  const devices = dev === null ? ['all'] : ['all', dev];
  const made = anySwitch(
    place,
    name,
    devices.map((who) => `net/ipv4/conf/${who}/${name}`),
  );
  known.set(dev, made);
  return made;
}

const switchesOf = perPlace((_place, _name: string) => new Map<string | null, Switch>());

/** On where any of the keys is not 0; a key that a complete dump lacks is 0. */
export function anySwitch(place: Place, what: string, keys: readonly string[]): Switch {
  const found = keys.map((key) => sysctl(place, key));
  const on = found.find(({ value }) => value !== null && value !== '0');
  if (on !== undefined) return { on: true, assumed: [], because: [], evidence: on.evidence };
  const evidence = found.flatMap((one) => one.evidence);
  if (found.every((one) => one.value !== null || one.known)) return { on: false, assumed: [], because: [], evidence };
  const reason = missing(place, 'sysctl', `whether ${what} is set is not known`);
  if (place.assume === 'none') return { on: false, assumed: [], because: [reason], evidence };
  return { on: false, assumed: [{ ...reason, text: `${reason.text}; taken to be 0` }], because: [], evidence };
}

/** One parameter; what a complete dump lacks is `usual`, and so is what may be assumed. */
export function parameterSet(place: Place, key: string, usual: '0' | '1'): Switch {
  const { value, known, evidence } = sysctl(place, key);
  const on = (value ?? usual) !== '0';
  if (value !== null || known) return { on, assumed: [], because: [], evidence };
  const reason = missing(place, 'sysctl', `whether ${key.replaceAll('/', '.')} is set is not known`);
  if (place.assume === 'none') return { on, assumed: [], because: [reason], evidence };
  return { on, assumed: [{ ...reason, text: `${reason.text}; taken to be ${usual}` }], because: [], evidence };
}
