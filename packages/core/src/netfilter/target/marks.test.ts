import { describe, expect, it } from 'vitest';
import { connection, itPrints, itRefuses, mustRead, packet } from '../match/testing.js';
import { classify } from './classify.js';
import { connmark } from './connmark.js';
import { connsecmark } from './connsecmark.js';
import { hmark } from './hmark.js';
import { mark } from './mark.js';
import { secmark } from './secmark.js';

describe('MARK', () => {
  itPrints(mark, 4, [
    ['--set-mark 1', '--set-xmark 0x1/0xffffffff', 'MARK set 0x1'],
    ['--set-mark 1/2', '--set-xmark 0x1/0x3', 'MARK xset 0x1/0x3'],
    ['--set-xmark 0x1/2', '--set-xmark 0x1/0x2', 'MARK xset 0x1/0x2'],
    ['--and-mark 0xf', '--set-xmark 0x0/0xfffffff0', 'MARK and 0xf'],
    ['--or-mark 0xf', '--set-xmark 0xf/0xf', 'MARK or 0xf'],
    ['--xor-mark 0xf', '--set-xmark 0xf/0x0', 'MARK xor 0xf'],
  ]);
  itRefuses(mark, 4, [
    ['--set-mark 1 --or-mark 2', 'only one'],
    ['--set-mark x', 'not a mark'],
  ]);
});

describe('CONNMARK', () => {
  itPrints(connmark, 4, [
    ['--set-mark 1', '--set-xmark 0x1/0xffffffff', 'CONNMARK set 0x1'],
    ['--set-mark 1/2', '--set-xmark 0x1/0x3', 'CONNMARK xset 0x1/0x3'],
    ['--and-mark 0xf', '--set-xmark 0x0/0xfffffff0', 'CONNMARK and 0xf'],
    ['--set-mark 0/0', '--set-xmark 0x0/0x0', 'CONNMARK and 0xffffffff'],
    ['--set-mark 1 --mask 2', '--set-xmark 0x1/0x2', 'CONNMARK xset 0x1/0x2'],
    ['--mask 2 --set-mark 1/4', '--set-xmark 0x1/0x5', 'CONNMARK xset 0x1/0x5'],
    ['--and-mark 1 --mask 2', '--set-xmark 0x0/0x2', 'CONNMARK and 0xfffffffd'],
    ['--save-mark', '--save-mark --nfmask 0xffffffff --ctmask 0xffffffff', 'CONNMARK save'],
    ['--mask 0xff --save-mark', '--save-mark --nfmask 0xff --ctmask 0xff', 'CONNMARK save mask 0xff'],
    [
      '--save-mark --nfmask 0xff',
      '--save-mark --nfmask 0xff --ctmask 0xffffffff',
      'CONNMARK save nfmask 0xff ctmask ~0xffffffff',
    ],
    [
      '--restore-mark --nfmask 1 --ctmask 2',
      '--restore-mark --nfmask 0x1 --ctmask 0x2',
      'CONNMARK restore ctmask 0x2 nfmask ~0x1',
    ],
    [
      '--set-xmark 1/2 --left-shift-mark 2',
      '--set-xmark 0x1/0x2 --left-shift-mark 2',
      'CONNMARK xset 0x1/0x2 left-shift-mark 2',
    ],
    [
      '--save-mark --left-shift-mark 0 --right-shift-mark 3',
      '--save-mark --nfmask 0xffffffff --ctmask 0xffffffff --right-shift-mark 3',
      'CONNMARK save right-shift-mark 3',
    ],
    ['--set-mark 1 --left-shift-mark 0', '--set-xmark 0x1/0xffffffff', 'CONNMARK set 0x1'],
  ]);
  itRefuses(connmark, 4, [
    ['--mask 0xff', 'what to do'],
    ['--left-shift-mark 2', 'what to do'],
    ['--set-mark 1 --save-mark', 'only one'],
    ['--restore-mark --nfmask 1 --mask 2', 'does not go'],
    ['--set-mark 1 --left-shift-mark 32', '31 bits'],
    ['--set-mark 1 --left-shift-mark 33', 'not between'],
  ]);

  const after = (words: string, marks: { readonly packet: number; readonly connection: number | null }) => {
    const ct = marks.connection === null ? null : connection({ mark: marks.connection });
    const action = connmark.apply?.(mustRead(connmark, 4, words), packet({ mark: marks.packet, ct }));
    if (action?.kind !== 'continue') throw new Error('CONNMARK goes on');
    return { packet: action.skb.mark, connection: action.skb.ct?.mark ?? null };
  };

  it.each([
    ['--save-mark --mask 0xff', { packet: 0x1234, connection: 0xab00 }, { packet: 0x1234, connection: 0xab34 }],
    ['--restore-mark --mask 0xff', { packet: 0x1200, connection: 0xab34 }, { packet: 0x1234, connection: 0xab34 }],
    ['--set-mark 0x4000/0x4000', { packet: 0, connection: 1 }, { packet: 0, connection: 0x4001 }],
    ['--restore-mark --right-shift-mark 8', { packet: 0, connection: 0xab00 }, { packet: 0xab, connection: 0xab00 }],
    ['--save-mark', { packet: 7, connection: null }, { packet: 7, connection: null }],
    ['--restore-mark', { packet: 7, connection: null }, { packet: 7, connection: null }],
  ] as const)('%s makes of %j %j', (words, before, expected) => {
    expect(after(words, before)).toEqual(expected);
  });
});

describe('HMARK', () => {
  const print = (rest: string, listed: string) =>
    [`${rest} --hmark-rnd 0x00000001 --hmark-mod 2`, `HMARK mod 2 ${listed} rnd 0x1`] as const;
  itPrints(hmark, 4, [
    [
      '--hmark-tuple src,dst --hmark-rnd 1 --hmark-mod 2',
      ...print('--hmark-src-prefix 32 --hmark-dst-prefix 32', 'src-prefix 32 dst-prefix 32'),
    ],
    [
      '--hmark-src-prefix 24 --hmark-tuple src --hmark-rnd 1 --hmark-mod 2',
      ...print('--hmark-src-prefix 32', 'src-prefix 32'),
    ],
    ['--hmark-src-prefix 255.255.0.0 --hmark-rnd 1 --hmark-mod 2', ...print('--hmark-src-prefix 16', 'src-prefix 16')],
    [
      '--hmark-sport 80 --hmark-sport-mask 0xff --hmark-rnd 1 --hmark-mod 2',
      ...print('--hmark-sport-mask 0x00ff --hmark-sport 0x0050', 'sport-mask 0xff sport 0x50'),
    ],
    ['--hmark-tuple proto --hmark-rnd 1 --hmark-mod 2', ...print('--hmark-proto-mask 0xffff', 'proto-mask 0xffff')],
    [
      '--hmark-tuple src --hmark-mod 10 --hmark-rnd 0xcafe --hmark-offset 100',
      '--hmark-src-prefix 32 --hmark-rnd 0x0000cafe --hmark-mod 10 --hmark-offset 100',
      'HMARK mod 10 + 0x64 src-prefix 32 rnd 0xcafe',
    ],
    [
      '--hmark-spi-mask 0xff --hmark-rnd 1 --hmark-mod 5 --hmark-tuple ct',
      '--hmark-spi-mask 0x000000ff --hmark-rnd 0x00000001 --hmark-mod 5 --hmark-tuple ct',
      'HMARK mod 5 ct, spi-mask 0xff rnd 0x1',
    ],
  ]);
  itPrints(hmark, 6, [
    [
      '--hmark-tuple src,dst --hmark-rnd 1 --hmark-mod 4',
      '--hmark-src-prefix 128 --hmark-dst-prefix 128 --hmark-rnd 0x00000001 --hmark-mod 4',
      'HMARK mod 4 src-prefix  dst-prefix  rnd 0x1',
    ],
  ]);
  itRefuses(hmark, 4, [
    ['--hmark-tuple src --hmark-mod 2', 'both needed'],
    ['--hmark-rnd 0 --hmark-mod 1', 'what to hash'],
    ['--hmark-mod 0 --hmark-rnd 1 --hmark-tuple src', 'not between'],
    ['--hmark-tuple src --hmark-src-prefix 24 --hmark-rnd 1 --hmark-mod 2', 'says again'],
    ['--hmark-tuple src,,dst --hmark-rnd 1 --hmark-mod 2', 'none of'],
    ['--hmark-spi 80 --hmark-sport 1 --hmark-mod 5 --hmark-rnd 1', 'does not go with ports'],
    ['--hmark-tuple src,spi,sport --hmark-rnd 1 --hmark-mod 2', 'masks of ports'],
  ]);

  const marked = (words: string, of: Parameters<typeof packet>[0]) => {
    const action = hmark.apply?.(mustRead(hmark, 4, `${words} --hmark-rnd 0xcafe`), packet(of));
    return action?.kind === 'continue' ? action.skb.mark : action?.kind;
  };
  const there = { src: '10.0.0.9', dst: '10.1.0.9', proto: 6, sport: 40000, dport: 80, mark: 5 };
  const back = { ...there, src: there.dst, dst: there.src, sport: there.dport, dport: there.sport };

  it('gives both directions of a flow one mark', () => {
    const words = '--hmark-tuple src,dst,sport,dport,proto --hmark-mod 0xffffffff';
    expect(marked(words, there)).toBe(marked(words, back));
    expect(marked(words, there)).not.toBe(marked(words, { ...there, dport: 81 }));
  });

  it.each([
    ['the only value there is', '--hmark-tuple src --hmark-mod 1 --hmark-offset 9', there, 9],
    ['its own mark where it has no connection', '--hmark-tuple src,ct --hmark-mod 1', there, 5],
    ['an open one where its ports are open', '--hmark-tuple sport --hmark-mod 2', { ...there, sport: null }, 'open'],
    ['one that ports have no part in', '--hmark-sport 80 --hmark-mod 1', { ...there, sport: null }, 0],
  ])('gives a packet %s', (_, words, of, expected) => {
    expect(marked(words, of)).toBe(expected);
  });
});

describe('marks for others than netfilter', () => {
  itPrints(classify, 4, [
    ['--set-class a:ff', '--set-class 000a:00ff', 'CLASSIFY set a:ff'],
    ['--set-class 0x1:0x2', '--set-class 0001:0002', 'CLASSIFY set 1:2'],
    ['--set-class 10000:1', '--set-class 0000:0001', 'CLASSIFY set 0:1'],
    ['--set-class 1:2x', '--set-class 0001:0002', 'CLASSIFY set 1:2'],
  ]);
  itRefuses(classify, 4, [
    ['--set-class 1:', 'no class'],
    ['--set-class :1', 'no class'],
    ['--set-class 12', 'no class'],
  ]);
  itPrints(connsecmark, 4, [
    ['--save', '--save', 'CONNSECMARK save'],
    ['--restore', '--restore', 'CONNSECMARK restore'],
  ]);
  itRefuses(connsecmark, 4, [
    ['', 'neither'],
    ['--save --restore', 'does not go'],
  ]);

  // No kernel without a security module takes SECMARK: the print is that of the tool's source.
  itPrints(secmark, 4, [
    [
      '--selctx system_u:object_r:firewalld_exec_t:s0',
      '--selctx system_u:object_r:firewalld_exec_t:s0',
      'SECMARK selctx system_u:object_r:firewalld_exec_t:s0',
    ],
  ]);
});
