/** What is remembered of a place is its own. */
import { expect, it } from 'vitest';
import { oncePerPlace, perPlace } from './per-place.js';
import { type Place, placeOf } from './place.js';

const somewhere = (name: string): Place => placeOf({ name } as Place['node'], { name: null } as Place['ns'], 'none');

it('is made once for each place and key, and each function has its own', () => {
  const asked: string[] = [];
  const first = perPlace((place: Place, key: string) => {
    asked.push(`${place.name} ${key}`);
    return `${place.name} first ${key}`;
  });
  const second = perPlace((place: Place, key: string) => `${place.name} second ${key}`);
  const [here, there] = [somewhere('here'), somewhere('there')];
  for (const _round of [1, 2]) {
    expect([first(here, 'a'), first(there, 'a'), first(here, 'b')]).toEqual([
      'here first a',
      'there first a',
      'here first b',
    ]);
    expect([second(here, 'a'), second(there, 'a')]).toEqual(['here second a', 'there second a']);
  }
  expect(asked).toEqual(['here a', 'there a', 'here b']);
});

it('null is an answer too', () => {
  let asked = 0;
  const nothing = oncePerPlace(() => {
    asked++;
    return null;
  });
  const here = somewhere('here');
  expect([nothing(here), nothing(here)]).toEqual([null, null]);
  expect(asked).toBe(1);
});
