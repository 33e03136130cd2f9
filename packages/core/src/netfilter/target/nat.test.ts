import { describe, expect, it } from 'vitest';
import { itPrints, itRefuses, mustRead, packet } from '../match/testing.js';
import { dnat } from './dnat.js';
import { masquerade } from './masquerade.js';
import { redirect } from './redirect.js';
import { snat } from './snat.js';

const tcp = { proto: 6, namedProto: 6, table: 'nat', chain: 'PREROUTING' } as const;

describe('DNAT', () => {
  itPrints(
    dnat,
    4,
    [
      ['--to-destination 10.0.0.1', '--to-destination 10.0.0.1', 'to:10.0.0.1'],
      ['--to-destination 10.0.0.1:80', '--to-destination 10.0.0.1:80', 'to:10.0.0.1:80'],
      ['--to-destination :80-90 --random', '--to-destination :80-90 --random', 'to::80-90 random'],
      [
        '--to-destination 10.0.0.1-10.0.0.9:80-90 --persistent --random',
        '--to-destination 10.0.0.1-10.0.0.9:80-90 --random --persistent',
        'to:10.0.0.1-10.0.0.9:80-90 random persistent',
      ],
      ['--to-destination 10.0.0.9-10.0.0.1', '--to-destination 10.0.0.9-10.0.0.1', 'to:10.0.0.9-10.0.0.1'],
      ['--to-destination 10.0.0.1-10.0.0.1', '--to-destination 10.0.0.1', 'to:10.0.0.1'],
      ['--to-destination 10.0.0.1:http', '--to-destination 10.0.0.1:80', 'to:10.0.0.1:80'],
      ['--to-destination 10.0.0.1:0x50-0x60', '--to-destination 10.0.0.1:80-96', 'to:10.0.0.1:80-96'],
      ['--to-destination 10.0.0.1:80-90/100', '--to-destination 10.0.0.1:80-90/100', 'to:10.0.0.1:80-90/100'],
      ['--to-destination 10.0.0.1:80-90/http', '--to-destination 10.0.0.1:80-90/80', 'to:10.0.0.1:80-90/80'],
    ],
    tcp,
  );
  itPrints(
    dnat,
    6,
    [
      ['--to-destination fd00::1', '--to-destination fd00::1', 'to:fd00::1'],
      ['--to-destination [fd00::1]', '--to-destination fd00::1', 'to:fd00::1'],
      ['--to-destination ::', '--to-destination ::', 'to:::'],
      ['--to-destination []:80', '--to-destination :80', 'to::80'],
      [
        '--to-destination [fd00::1-fd00::9]:80-90/100',
        '--to-destination [fd00::1-fd00::9]:80-90/100',
        'to:[fd00::1-fd00::9]:80-90/100',
      ],
    ],
    tcp,
  );
  itRefuses(
    dnat,
    4,
    [
      ['--random', 'missing'],
      ['--to-destination 10.1', 'not an IPv4 address'],
      ['--to-destination 010.0.0.1', 'not an IPv4 address'],
      ['--to-destination localhost', 'not an IPv4 address'],
      ['--to-destination fd00::1', 'not an IPv4 address'],
      ['--to-destination [10.0.0.1]:80', 'not an address'],
      ['--to-destination 10.0.0.1:90-80', 'runs backwards'],
      ['--to-destination 10.0.0.1:080', 'follows the port'],
      ['--to-destination 10.0.0.1:', 'is not valid'],
      ['--to-destination 10.0.0.1:65536', 'is not valid'],
      ['--to-destination 10.0.0.1:ssh-domain', 'is not valid'],
      ['--to-destination 10.0.0.1:80/90', 'follows the port'],
      ['--to-destination 10.0.0.1:80-90/0', 'base port'],
    ],
    tcp,
  );
  itRefuses(dnat, 4, [['--to-destination 10.0.0.1:80', 'needs -p']], { ...tcp, proto: null, namedProto: null });
  itRefuses(dnat, 6, [['--to-destination [fd00::1]-[fd00::9]:80', 'is not valid']], tcp);

  it('takes a port with a negated protocol before it, as the tool does', () => {
    const data = mustRead(dnat, 4, '--to-destination 10.0.0.1:80', { proto: null, namedProto: 6 });
    expect(data.ports).toEqual({ first: 80, last: 80 });
  });

  it('translates the destination', () => {
    const data = mustRead(dnat, 4, '--to-destination 10.0.0.1:80', tcp);
    expect(dnat.apply?.(data, packet())).toMatchObject({
      kind: 'nat',
      spec: { kind: 'dst', ports: { first: 80, last: 80 } },
    });
  });
});

describe('SNAT and MASQUERADE', () => {
  itPrints(
    snat,
    4,
    [
      ['--to-source 10.0.0.1-10.0.0.3', '--to-source 10.0.0.1-10.0.0.3', 'to:10.0.0.1-10.0.0.3'],
      [
        '--to-source 10.0.0.1:80-90 --persistent --random --random-fully',
        '--to-source 10.0.0.1:80-90 --random --random-fully --persistent',
        'to:10.0.0.1:80-90 random random-fully persistent',
      ],
      ['--to-source 10.0.0.1:80-90/100', '--to-source 10.0.0.1:80-90/0', 'to:10.0.0.1:80-90/0'],
    ],
    tcp,
  );
  itPrints(
    snat,
    6,
    [['--to-source [fd00::1]:80-90/100', '--to-source [fd00::1]:80-90/0', 'to:[fd00::1]:80-90/0']],
    tcp,
  );
  itPrints(
    masquerade,
    4,
    [
      ['', '', ''],
      ['--random', '--random', 'random'],
      ['--random-fully --random', '--random --random-fully', 'random random-fully'],
      ['--to-ports 80', '--to-ports 80', 'masq ports: 80'],
      ['--to-ports 070000', '--to-ports 28672', 'masq ports: 28672'],
      ['--to-ports 80-90 --random', '--to-ports 80-90 --random', 'masq ports: 80-90 random'],
    ],
    tcp,
  );
  itRefuses(masquerade, 4, [['--to-ports :90', 'is not valid']], tcp);
  itRefuses(snat, 4, [['--random', 'missing']], tcp);

  it('says that the base of a shifted range is lost', () => {
    const data = mustRead(snat, 4, '--to-source 10.0.0.1:80-90/100', tcp);
    expect(snat.loses?.(data, { family: 4, table: 'nat', chain: null, proto: 6 })).toContain('base port');
  });
});

describe('REDIRECT', () => {
  itPrints(
    redirect,
    4,
    [
      ['', '', ''],
      ['--to-ports 80', '--to-ports 80', 'redir ports 80'],
      ['--random --to-ports 80-90', '--to-ports 80-90 --random', 'redir ports 80-90 random'],
    ],
    tcp,
  );
  itRefuses(
    redirect,
    4,
    [
      ['--to-ports 80-90/100', 'shifted'],
      ['--to-ports 80:90', 'follows the port'],
    ],
    tcp,
  );
});
