/** `route -n` as mail programs and narrow windows break it. */
import { describe, expect, it } from 'vitest';
import { nettoolsRouteFormat } from './route.js';
import { read } from './testing.js';

describe('rows that a mail program broke', () => {
  const broken =
    'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use\nIface\n0.0.0.0         10.9.0.254      0.0.0.0         UG    0      0        0\nenp1s0\n10.9.0.0        0.0.0.0         255.255.255.0   U     0      0        0\nenp1s0\n';
  const facts = (text: string) => read(nettoolsRouteFormat, 'routes', text, { freeForm: true, command: 'route -n' });
  const states = ({ all }: ReturnType<typeof facts>) => all.map(({ complete, rows }) => [complete, rows.length]);

  it('are read as one, and trusted less', () => {
    const { all, codes } = facts(broken);
    expect(all.flatMap(({ rows }) => rows.map(({ nexthops, trust }) => [nexthops[0]?.dev, trust]))).toEqual([
      ['enp1s0', 'repaired'],
      ['enp1s0', 'repaired'],
    ]);
    expect(codes).toEqual(Array(3).fill('nettools/line-broken'));
    expect(states(facts(broken))).toEqual([[true, 2]]);
  });

  it('leave open what else there is where their ends are lost', () =>
    expect(states(facts(broken.replace(/enp1s0\n$/, '')))).toEqual([[false, 1]]));

  it('are not mended in a dump', () =>
    expect(read(nettoolsRouteFormat, 'routes', broken).all).toMatchObject([{ complete: false, rows: [] }]));

  it('go on below their beginning', () => {
    const above = '10.9.0.0        0.0.0.0         255.255.255.0   U     0      0        0';
    expect(nettoolsRouteFormat.line(above)).toBe('continues');
    expect(nettoolsRouteFormat.goesOn?.(above, 'enp1s0')).toBe(true);
    expect(nettoolsRouteFormat.goesOn?.(above, 'On node-2 all is well')).toBe(false);
  });
});
