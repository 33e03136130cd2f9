/** Which bytes of a packet its question settles, against packets as they stand on the wire. */
import { describe, expect, it } from 'vitest';
import { packet } from '../netfilter/match/testing.js';
import { packetBytes } from './known-bytes.js';
import type { Skb } from './skb.js';

/** As the kernel sent it: UDP from 10.0.0.9:4000 to 10.0.0.1:53, identification 0, not to be cut up. */
const wire = '4500001c00004000401126c80a0000090a0000010fa000350008dbff';
const body = Uint8Array.from([0x0f, 0xa0, 0, 0x35, 0, 8, 0xdb, 0xff]);

const { skb } = packet({ src: '10.0.0.9', dst: '10.0.0.1', sport: 4000, length: 28 });

const shown = (one: Skb): string =>
  packetBytes(one)
    .map(({ value, known }) => (known === 255 ? value.toString(16).padStart(2, '0') : '..'))
    .join('');

describe('the bytes of a packet', () => {
  it('are all known where the question tells what no table changes', () => {
    expect(shown({ ...skb, body, unaltered: { id: 0, df: true, flowLabel: null } })).toBe(wire);
  });

  it('lack identification, flags and checksums where it does not', () => {
    expect(shown(skb)).toBe('4500001c......004011....0a0000090a0000010fa000350008....');
  });

  it('lack the checksum of the header where one of its fields is open', () => {
    expect(shown({ ...skb, unaltered: { id: 7, df: null, flowLabel: null } })).toBe(
      '4500001c0007..004011....0a0000090a0000010fa000350008....',
    );
  });

  it('hold the flow label of IPv6', () => {
    const six: Skb = { ...skb, family: 6, src: { family: 6, a: 0, b: 0, c: 0, d: 1 }, length: 48, tos: 0x12 };
    const head = (one: Skb) => shown({ ...one, dst: one.src }).slice(0, 8);
    expect(head(six)).toBe('61......');
    expect(head({ ...six, unaltered: { id: null, df: null, flowLabel: 0xabcde } })).toBe('612abcde');
  });
});
