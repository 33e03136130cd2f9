import { describe, expect, it } from 'vitest';
import { tcpFlag } from '../../packet/skb.js';
import type { TargetDef } from '../extension.js';
import { itPrints, itRefuses, mustRead, packet, segment } from '../match/testing.js';
import type { PacketInput } from '../packet-input.js';
import { checksum } from './checksum.js';
import { dscp } from './dscp.js';
import { ecn } from './ecn.js';
import { hl, ttl } from './hop-limit.js';
import { dnpt, snpt } from './npt.js';
import { tcpmss } from './tcpmss.js';
import { tcpoptstrip } from './tcpoptstrip.js';
import { tos } from './tos.js';

function changed<Data>(
  def: TargetDef<Data>,
  words: string,
  input: PacketInput,
  proto: number | null = null,
): PacketInput['skb'] {
  const action = def.apply?.(mustRead(def, input.skb.family, words, { table: 'mangle', proto }), input);
  if (action?.kind !== 'continue') throw new Error(`${def.name} goes on`);
  return action.skb;
}

describe('the TOS byte', () => {
  itPrints(tos, 4, [
    ['--set-tos 16', '--set-tos 0x10/0xff', 'TOS set 0x10/0xff'],
    ['--set-tos 0x10/0x3f', '--set-tos 0x10/0x3f', 'TOS set 0x10/0x3f'],
    ['--set-tos minimize-delay', '--set-tos 0x10/0x3f', 'TOS set 0x10/0x3f'],
    // As -L prints it without -n.
    ['--set-tos maximize-throughput', '--set-tos 0x08/0x3f', 'TOS setMaximize-Throughput'],
    ['--set-tos Normal-Service', '--set-tos 0x00/0x3f', 'TOS set 0x00/0x3f'],
    ['--and-tos 0xf0', '--set-tos 0x00/0x0f', 'TOS set 0x00/0x0f'],
    ['--or-tos 0x0f', '--set-tos 0x0f/0x0f', 'TOS set 0x0f/0x0f'],
    ['--xor-tos 0x0f', '--set-tos 0x0f/0x00', 'TOS set 0x0f/0x00'],
  ]);
  itRefuses(tos, 4, [
    ['', 'what to set'],
    ['--set-tos 256', 'no TOS'],
    ['--set-tos 1/', 'no TOS'],
    ['--or-tos 256', 'not between'],
    ['--set-tos 1 --or-tos 2', 'only one'],
  ]);
  itPrints(dscp, 6, [
    ['--set-dscp 63', '--set-dscp 0x3f', 'DSCP set 0x3f'],
    ['--set-dscp-class ef', '--set-dscp 0x2e', 'DSCP set 0x2e'],
    ['--set-dscp-class AF43', '--set-dscp 0x26', 'DSCP set 0x26'],
    ['--set-dscp-class BE', '--set-dscp 0x00', 'DSCP set 0x00'],
  ]);
  itRefuses(dscp, 4, [
    ['--set-dscp 64', 'not between'],
    ['--set-dscp-class VA', 'no class'],
    ['--set-dscp 1 --set-dscp-class EF', 'does not go'],
  ]);

  it.each([
    ['TOS keeps the bits outside the mask', tos, '--set-tos 0x10/0x3f', 0xc1, 0xd0],
    ['DSCP keeps the two bits of ECN', dscp, '--set-dscp-class EF', 0x03, 0xbb],
    ['ECN sets the two lowest bits', ecn, '--ecn-ip-ect 2', 0xb9, 0xba],
  ] as const)('%s', (_sentence, def, words, before, after) => {
    expect(changed<unknown>(def, words, packet({ tos: before })).tos).toBe(after);
  });
});

describe('ECN', () => {
  itPrints(
    ecn,
    4,
    [
      ['--ecn-tcp-remove', '--ecn-tcp-remove', 'ECN TCP remove'],
      ['--ecn-ip-ect 2 --ecn-tcp-remove', '--ecn-tcp-remove', 'ECN TCP remove'],
      ['--ecn-tcp-cwr 1 --ecn-tcp-ece 0', '--ecn-tcp-ece 0 --ecn-tcp-cwr 1', 'ECN ECE=0 CWR=1'],
      [
        '--ecn-tcp-remove --ecn-ip-ect 2',
        '--ecn-tcp-ece 0 --ecn-tcp-cwr 0 --ecn-ip-ect 2',
        'ECN ECE=0 CWR=0 ECT codepoint=2',
      ],
    ],
    { proto: 6 },
  );
  itRefuses(ecn, 4, [
    ['', 'what to change'],
    ['--ecn-tcp-remove', 'need -p tcp'],
    ['--ecn-ip-ect 4', 'not between'],
  ]);

  it('clears both flags of TCP', () => {
    const flags = tcpFlag.SYN | tcpFlag.ECE | tcpFlag.CWR;
    expect(changed(ecn, '--ecn-tcp-remove', segment(flags), 6).tcp?.flags).toBe(tcpFlag.SYN);
  });
});

describe('TTL and HL', () => {
  itPrints(ttl, 4, [
    ['--ttl-set 0', '--ttl-set 0', 'TTL set to 0'],
    ['--ttl-inc 5', '--ttl-inc 5', 'TTL increment by 5'],
    ['--ttl-dec 5', '--ttl-dec 5', 'TTL decrement by 5'],
  ]);
  itPrints(hl, 6, [['--hl-dec 255', '--hl-dec 255', 'HL decrement by 255']]);
  itRefuses(ttl, 4, [
    ['', 'what to change'],
    ['--ttl-set 256', 'not between'],
    ['--ttl-inc 0', 'not between'],
    ['--ttl-set 5 --ttl-inc 1', 'only one'],
  ]);

  it.each([
    ['--ttl-set 9', 64, 9],
    ['--ttl-inc 200', 64, 255],
    ['--ttl-dec 200', 64, 0],
  ])('%s makes %i %i', (words, before, after) => {
    expect(changed(ttl, words, packet({ ttl: before })).ttl).toBe(after);
  });
});

describe('options of TCP', () => {
  itPrints(
    tcpmss,
    4,
    [
      ['--set-mss 1400', '--set-mss 1400', 'TCPMSS set 1400'],
      ['--clamp-mss-to-pmtu', '--clamp-mss-to-pmtu', 'TCPMSS clamp to PMTU'],
      ['--set-mss 1 --clamp-mss-to-pmtu', '--clamp-mss-to-pmtu', 'TCPMSS clamp to PMTU'],
      ['--clamp-mss-to-pmtu --set-mss 1', '--set-mss 1', 'TCPMSS set 1'],
    ],
    { proto: 6 },
  );
  itRefuses(tcpmss, 4, [
    ['', 'neither'],
    ['--set-mss 65516', 'not between'],
  ]);
  itRefuses(tcpmss, 4, [['--clamp-mss-to-pmtu', 'FORWARD']], { chain: 'PREROUTING' });

  it('wants a test for SYN beside it, unless iptables-nft hides the matches from the kernel', () => {
    const syn = {
      kind: 'known',
      name: 'tcp',
      data: { sport: null, dport: null, option: null, flags: { mask: 6, comp: 2, invert: false } },
    } as const;
    const cx = { family: 4, proto: 6, table: 'mangle', chain: 'FORWARD' } as const;
    expect(tcpmss.among?.({ mss: null }, [syn], cx)).toBeNull();
    expect(tcpmss.among?.({ mss: null }, [], cx)).toContain('SYN');
    expect(
      tcpmss.among?.({ mss: null }, [{ ...syn, data: { ...syn.data, flags: { mask: 6, comp: 2, invert: true } } }], cx),
    ).toContain('SYN');
    expect(tcpmss.among?.({ mss: null }, [], { ...cx, variant: 'nft' })).toBeNull();
  });

  it('only ever lowers the segment size', () => {
    const syn = (mss: number) => segment(tcpFlag.SYN, { tcp: { flags: tcpFlag.SYN, mss } });
    expect(changed(tcpmss, '--set-mss 1400', syn(1460), 6).tcp?.mss).toBe(1400);
    expect(changed(tcpmss, '--set-mss 1400', syn(536), 6).tcp?.mss).toBe(536);
  });

  itPrints(
    tcpoptstrip,
    4,
    [
      ['--strip-options wscale,mss,0x13', '--strip-options 2,3,19', 'TCPOPTSTRIP options 2,3,19'],
      ['', '', ''],
    ],
    { proto: 6 },
  );
  itRefuses(tcpoptstrip, 4, [
    ['--strip-options 1', 'pad the header'],
    ['--strip-options 256', 'no TCP option'],
    ['--strip-options WSCALE', 'no TCP option'],
    ['--strip-options 2,mss', 'twice'],
  ]);

  it('strips the segment size', () => {
    const input = segment(tcpFlag.SYN, { tcp: { flags: tcpFlag.SYN, mss: 1460 } });
    expect(changed(tcpoptstrip, '--strip-options mss', input, 6).tcp?.mss).toBeNull();
  });
});

describe('prefixes of IPv6, and checksums', () => {
  itPrints(snpt, 6, [
    [
      '--src-pfx fd00::/64 --dst-pfx 2001:db8::/ffff:ffff::',
      '--src-pfx fd00::/64 --dst-pfx 2001:db8::/32',
      'SNPT src-pfx fd00::/64 dst-pfx 2001:db8::/32',
    ],
  ]);
  itRefuses(dnpt, 6, [
    ['--src-pfx fd00::/64', 'both needed'],
    ['--src-pfx fd00::1/64 --dst-pfx 2001:db8::/64', 'behind its length'],
    ['--src-pfx fd00::/65 --dst-pfx 2001:db8::/65', '64 bits'],
  ]);
  itPrints(checksum, 4, [['--checksum-fill', '--checksum-fill', 'CHECKSUM fill']]);
  itRefuses(checksum, 4, [['', 'missing']]);
});
