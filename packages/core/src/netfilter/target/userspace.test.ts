import { describe, expect, it } from 'vitest';
import { ip4 } from '../../inet/ip.js';
import { formatIp } from '../../inet/ip-text.js';
import { unknown } from '../../tri.js';
import { itPrints, itRefuses, mustRead, nothingKnown, packet, segment } from '../match/testing.js';
import type { Surroundings } from '../packet-input.js';
import { audit } from './audit.js';
import { clusterip } from './clusterip.js';
import { idletimer } from './idletimer.js';
import { led } from './led.js';
import { netmap } from './netmap.js';
import { nflog } from './nflog.js';
import { nfqueue } from './nfqueue.js';
import { rateest } from './rateest.js';
import { set } from './set.js';
import { synproxy } from './synproxy.js';
import { tee } from './tee.js';
import { tproxy } from './tproxy.js';
import { trace } from './trace.js';
import { ulog } from './ulog.js';

const unknownPlace = { family: 4, table: null, chain: null, proto: null } as const;

describe('records', () => {
  itPrints(audit, 4, [['--type Reject', '--type reject', 'AUDIT reject']]);
  itRefuses(audit, 4, [
    ['', 'missing'],
    ['--type acc', 'none of'],
  ]);
  itPrints(nflog, 4, [
    ['', '', ''],
    ['--nflog-group 0 --nflog-threshold 0', '', ''],
    ['--nflog-size 0', '--nflog-size 0', 'nflog-size 0'],
    [
      '--nflog-prefix "a b\\"c" --nflog-size 5 --nflog-group 3 --nflog-threshold 4',
      '--nflog-prefix "a b\\"c" --nflog-group 3 --nflog-size 5 --nflog-threshold 4',
      'nflog-prefix "a b\\"c" nflog-group 3 nflog-size 5 nflog-threshold 4',
    ],
  ]);
  itRefuses(nflog, 4, [
    ['--nflog-prefix ""', 'empty'],
    ['--nflog-group 65536', 'not between'],
    ['--nflog-size 100 --nflog-range 10', 'does not go'],
  ]);

  it('keeps 63 bytes of a prefix in legacy and 127 in nft, and a range in legacy only', () => {
    const data = mustRead(nflog, 4, `--nflog-prefix ${'x'.repeat(130)} --nflog-range 7`);
    const words = (variant: 'legacy' | 'nft') => nflog.save(data, { family: 4, variant, proto: null });
    expect(words('legacy')).toEqual(['--nflog-prefix', 'x'.repeat(63), '--nflog-range', '7']);
    expect(words('nft')).toEqual(['--nflog-prefix', 'x'.repeat(127)]);
  });

  // No kernel of today has ULOG: the print is that of the tool's source.
  itPrints(ulog, 4, [
    ['--ulog-nlgroup 1', '', 'ULOG copy_range 0 nlgroup 1 queue_threshold 1'],
    [
      '--ulog-prefix "a b" --ulog-cprange 9 --ulog-qthreshold 50 --ulog-nlgroup 2',
      '--ulog-prefix "a b" --ulog-nlgroup 2 --ulog-cprange 9 --ulog-qthreshold 50',
      null,
    ],
  ]);
  itPrints(trace, 4, [['', '', '']], { table: 'raw' });
  itRefuses(trace, 4, [['', 'table raw']]);
  itPrints(trace, 4, [['', '', '']], { variant: 'nft' });
});

describe('programs that decide', () => {
  itPrints(nfqueue, 4, [
    ['', '--queue-num 0', 'NFQUEUE num 0'],
    ['--queue-bypass --queue-num 5', '--queue-num 5 --queue-bypass', 'NFQUEUE num 5 bypass'],
    [
      '--queue-balance 0:3 --queue-cpu-fanout --queue-bypass',
      '--queue-balance 0:3 --queue-bypass --queue-cpu-fanout',
      'NFQUEUE balance 0:3 bypass cpu-fanout',
    ],
    ['--queue-balance :3', '--queue-balance 0:3', 'NFQUEUE balance 0:3'],
    ['--queue-balance 3:', '--queue-balance 3:65535', 'NFQUEUE balance 3:65535'],
  ]);
  itRefuses(nfqueue, 4, [
    ['--queue-balance 3:3', 'less than'],
    ['--queue-balance 3', 'no range'],
    ['--queue-balance 0:65535', '65535 queues'],
    ['--queue-cpu-fanout', 'needs --queue-balance'],
    ['--queue-num 1 --queue-balance 0:3', 'does not go'],
  ]);
  itPrints(
    tproxy,
    4,
    [
      ['--on-port 80', '--on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0', 'TPROXY redirect 0.0.0.0:80 mark 0x0/0x0'],
      [
        '--on-port http --on-ip 10.1 --tproxy-mark 1',
        '--on-port 80 --on-ip 10.0.0.1 --tproxy-mark 0x1/0xffffffff',
        'TPROXY redirect 10.0.0.1:80 mark 0x1/0xffffffff',
      ],
    ],
    { proto: 6 },
  );
  itPrints(tproxy, 6, [
    ['--on-port 80', '--on-port 80 --on-ip :: --tproxy-mark 0x0/0x0', 'TPROXY redirect :::80 mark 0x0/0x0'],
  ]);
  itRefuses(tproxy, 4, [
    ['--on-ip 1.2.3.4', 'missing'],
    ['--on-port 80:90', 'port'],
  ]);
  itPrints(
    synproxy,
    4,
    [
      ['', '', 'SYNPROXY '],
      [
        '--mss 1460 --wscale 7 --timestamp --sack-perm',
        '--sack-perm --timestamp --wscale 7 --mss 1460',
        'SYNPROXY sack-perm timestamp wscale 7 mss 1460 ',
      ],
      ['--mss 70000 --wscale 256', '--wscale 0 --mss 4464', 'SYNPROXY wscale 0 mss 4464 '],
    ],
    { proto: 6 },
  );

  it.each([
    [nfqueue, '--queue-num 5', 'open'],
    [tproxy, '--on-port 80', 'either'],
  ] as const)('%#: what becomes of the packet is open', (def, words, kind) => {
    const data: unknown = mustRead<unknown>(def, 4, words, { proto: 6 });
    const apply: ((data: never, input: ReturnType<typeof packet>) => { readonly kind: string }) | undefined = def.apply;
    expect(apply?.(data as never, packet()).kind).toBe(kind);
  });

  it.each([
    ['nobody listens', '--queue-num 5', false, {}, 'drop'],
    ['nobody listens, and packets may pass', '--queue-num 5 --queue-bypass', false, {}, 'accept'],
    ['nobody listens, and no nat rule has decided', '--queue-bypass', false, { table: 'nat' }, 'open'],
    [
      'nobody listens, and nft looks for no new route',
      '--queue-bypass',
      false,
      { table: 'mangle', hook: 'OUTPUT', variant: 'nft' },
      'past',
    ],
    [
      'nobody listens, and legacy looks for a new route',
      '--queue-bypass',
      false,
      { table: 'mangle', hook: 'OUTPUT', variant: 'legacy' },
      'accept',
    ],
    ['somebody listens', '--queue-balance 3:9 --queue-bypass', true, {}, 'open'],
    ['nothing tells who listens', '--queue-num 5', unknown('not captured'), {}, 'open'],
  ] as const)('NFQUEUE where %s', (_, words, isTaken, at, kind) => {
    const input = packet({}, { around: { ...nothingKnown, isQueueTaken: () => isTaken }, ...at });
    expect(nfqueue.apply?.(mustRead(nfqueue, 4, words), input).kind).toBe(kind);
  });

  it.each([
    ['nobody waits', [null], 'drop'],
    ['who waits is not transparent', [{ wildcard: true, transparent: false }], 'drop'],
    ['a transparent socket waits', [{ wildcard: true, transparent: true }], 'accept'],
    ['whether it is transparent no list shows', [{ wildcard: false, transparent: null }], 'either'],
  ] as const)('TPROXY where %s', (_, found, kind) => {
    const around = { ...nothingKnown, socketsFor: () => ({ found, because: [] }) };
    expect(tproxy.apply?.(mustRead(tproxy, 4, '--on-port 80', { proto: 6 }), packet({}, { around })).kind).toBe(kind);
  });

  it('TPROXY asks for the connection first, then at the address of the device and the port that the rule names', () => {
    const asked: string[] = [];
    const around: Surroundings = {
      ...nothingKnown,
      firstAddress: () => ip4(0x0a000063),
      socketsFor: (_, { among, dst, dport }) => {
        asked.push(`${among} ${formatIp(dst)}:${dport}`);
        return { found: [null], because: [] };
      },
    };
    tproxy.apply?.(mustRead(tproxy, 4, '--on-port 80', { proto: 6 }), packet({}, { around }));
    tproxy.apply?.(mustRead(tproxy, 4, '--on-port 0 --on-ip 10.0.0.9', { proto: 6 }), packet({}, { around }));
    expect(asked).toEqual([
      'connected 10.0.0.2:53',
      'waiting 10.0.0.99:80',
      'connected 10.0.0.2:53',
      'waiting 10.0.0.9:53',
    ]);
  });

  it.each([
    ['a SYN is answered in the name of the server', 0x02, 'drop'],
    ['an ACK is an answer to that, or to nothing', 0x10, 'drop'],
    ['the rest is none of its business', 0x14, 'continue'],
  ])('SYNPROXY: %s', (_, flags, kind) => {
    expect(synproxy.apply?.(mustRead(synproxy, 4, '', { proto: 6 }), segment(flags)).kind).toBe(kind);
  });

  // No kernel of today has CLUSTERIP: the print is that of the tool's source.
  itPrints(clusterip, 4, [['', '', 'CLUSTERIP']]);
  itRefuses(clusterip, 4, [
    ['--total-nodes 2', 'needs --new'],
    ['--new --hashmode sourceip', '--new needs'],
  ]);
});

describe('names and numbers that the kernel keeps', () => {
  itPrints(idletimer, 4, [
    ['--label foo --timeout 0x5', '--timeout 5 --label foo', 'timeout:5 label:foo'],
    ['--timeout 5 --label foo --alarm', '--timeout 5 --label foo --alarm', 'timeout:5 label:foo alarm'],
    [
      '--timeout 5 --label 1234567890123456789012345678',
      '--timeout 5 --label 123456789012345678901234567',
      'timeout:5 label:123456789012345678901234567',
    ],
  ]);
  itRefuses(idletimer, 4, [
    ['--timeout 5', 'both needed'],
    ['--timeout 0 --label foo', 'not possible'],
    ['--timeout 4294967295 --label foo', 'not possible'],
    ['--timeout 5 --label ""', 'empty'],
    ['--timeout 5 --label a/b', 'name of a file'],
    ['--timeout 5 --label power', 'name of a file'],
  ]);

  it('says that a label with a blank does not come back', () => {
    const data = mustRead(idletimer, 4, '--timeout 5 --label "a b"');
    expect(idletimer.save(data, { family: 4, variant: 'legacy', proto: null })).toContain('a b');
    expect(idletimer.loses?.(data, unknownPlace)).toContain('without quotes');
  });

  const estimator = (interval: string, ewma: string) =>
    [
      `--rateest-name foo --rateest-interval ${interval} --rateest-ewmalog ${ewma}`,
      `name foo interval ${interval} ewmalog ${ewma}`,
    ] as const;
  itPrints(rateest, 4, [
    ['--rateest-name foo --rateest-interval 250ms --rateest-ewmalog 0.5s', ...estimator('250.0ms', '500.0ms')],
    ['--rateest-name foo --rateest-interval 300ms --rateest-ewmalog 1.2s', ...estimator('500.0ms', '2.0s')],
    ['--rateest-name foo --rateest-interval 250 --rateest-ewmalog 1000000', ...estimator('250.0ms', '512.0s')],
    ['--rateest-name foo --rateest-interval 2s --rateest-ewmalog 100s', ...estimator('2.0s', '64.0s')],
    ['--rateest-name foo --rateest-interval 0.25sec --rateest-ewmalog 500msec', ...estimator('250.0ms', '500.0ms')],
  ]);
  itRefuses(rateest, 4, [
    ['--rateest-name foo --rateest-interval 3s --rateest-ewmalog 2s', 'does not fit'],
    ['--rateest-name foo --rateest-interval 9s --rateest-ewmalog 20s', 'too long'],
    ['--rateest-interval 250ms --rateest-ewmalog 3s', 'all needed'],
  ]);

  // This machine's kernel has no LED: the print is that of the tool's source.
  itPrints(led, 4, [
    ['--led-trigger-id foo', '--led-trigger-id foo', 'led-trigger-id:foo'],
    [
      '--led-always-blink --led-trigger-id "a b" --led-delay inf',
      '--led-trigger-id "a b" --led-delay inf --led-always-blink',
      null,
    ],
  ]);
});

describe('sets, copies and networks', () => {
  itPrints(set, 4, [
    ['--exist --add-set s4 src', '--add-set s4 src --exist', 'add-set s4 src exist'],
    [
      '--add-set s4 src,dst --timeout 0 --exist --del-set s4 dst',
      '--add-set s4 src,dst --exist --timeout 0 --del-set s4 dst',
      'add-set s4 src,dst exist timeout 0 del-set s4 dst',
    ],
  ]);
  itPrints(
    set,
    4,
    [
      [
        '--map-set s4 src --map-mark --add-set s4 dst',
        '--add-set s4 dst --map-set s4 src --map-mark',
        'add-set s4 dst map-set s4 src map-mark',
      ],
    ],
    { table: 'mangle', chain: 'PREROUTING' },
  );
  itRefuses(set, 4, [
    ['', 'none of'],
    ['--exist', 'none of'],
    ['--del-set s4 src --timeout 5', 'belong to --add-set'],
    ['--add-set s4 src --map-mark', 'belong to --map-set'],
    ['--map-set s4 src', 'needs --map-mark'],
    ['--map-set s4 src --map-mark', 'mangle only'],
    ['--add-set s4 SRC', 'neither src nor dst'],
    ['--add-set s4 src,dst,src,dst,src,dst,src', 'more than 6'],
    ['--add-set s4 src --timeout 4294967295', 'not between'],
  ]);
  itPrints(tee, 4, [
    ['--gateway 10.1', '--gateway 10.0.0.1', 'TEE gw:10.0.0.1'],
    ['--gateway 010.0.0.1 --oif eth+', '--gateway 8.0.0.1 --oif eth+', 'TEE gw:8.0.0.1 oif=eth+'],
    [
      '--gateway 10.0.0.1 --oif 1234567890123456',
      '--gateway 10.0.0.1 --oif 123456789012345',
      'TEE gw:10.0.0.1 oif=123456789012345',
    ],
  ]);
  itRefuses(tee, 4, [
    ['--oif eth0', 'missing'],
    ['--gateway 0.0.0.0', 'no host'],
  ]);
  itPrints(netmap, 4, [
    ['--to 10.1/16', '--to 10.0.0.0/16', 'to:10.0.0.0/16'],
    ['--to 10.0.0.1/255.0.255.0', '--to 10.0.0.1/32', 'to:10.0.0.1/32'],
    ['--to 0/0', '--to 0.0.0.0/0', 'to:0.0.0.0/0'],
  ]);
  itPrints(netmap, 6, [
    ['--to fd00::1/ffff::', '--to fd00::/16', 'to:fd00::/16'],
    ['--to fd00::1/ffff::ffff', '--to fd00::1/128', 'to:fd00::1/128'],
  ]);
  itRefuses(netmap, 4, [['', 'missing']]);

  it.each([
    ['PREROUTING', 'dst'],
    ['OUTPUT', 'dst'],
    ['INPUT', 'src'],
    ['POSTROUTING', 'src'],
  ] as const)('NETMAP in %s changes the %s', (hook, kind) => {
    const action = netmap.apply?.(mustRead(netmap, 4, '--to 10.0.0.0/24'), packet({}, { hook, table: 'nat' }));
    expect(action).toMatchObject({
      kind: 'nat',
      spec: { kind, netmap: { ip: { a: 0x0a000000 }, mask: { a: 0xffffff00 } } },
    });
  });
});
