/** A fault that rests on dumps of several times is likely at most; the times of others do not matter. */
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { analyze } from './analyze.js';
import { files } from './connection-fails/cases.world.js';
import { connectionFails } from './connection-fails/rule.js';

/** `west` refuses to forward: its rules are captured at 23:00:00, all else when its `date` says. */
const found = (dates: Readonly<Record<string, string>>) =>
  analyze(
    parseSnapshot({
      ...files({ forward: { west: 'DROP' } }),
      ...Object.fromEntries(Object.entries(dates).map(([node, text]) => [`${node}/date.txt`, `${text}\n`])),
    }),
    { rules: [connectionFails] },
  ).findings[0];

describe('dumps of one node', () => {
  it.each([
    ['of one minute prove', { west: 'Fri Nov 20 23:01:00 UTC 2026' }, 'proven'],
    ['that are nine minutes apart do not', { west: 'Fri Nov 20 23:09:00 UTC 2026' }, 'likely'],
    ['in another zone are of one minute', { west: 'Fri Nov 20 23:01:00 +0800 2026' }, 'proven'],
    ['of which no clock is known prove', {}, 'proven'],
    ['are not held against those of others', { east: 'Fri Nov 20 23:09:00 UTC 2026' }, 'proven'],
  ])('%s', (_sentence, dates, certainty) => expect(found(dates)?.certainty).toBe(certainty));

  it('that lie apart are named', () => {
    expect(found({ west: 'Fri Nov 20 23:09:00 UTC 2026' })?.assumptions).toEqual([
      'west/ip-link.txt was captured 9 minutes after west/iptables-save.txt; what both show is taken to have been so at one time',
    ]);
  });
});
