/** What the kernel does with the hostile texts that it can be given: each is hostile in the way its name says. */
import { expect, it } from 'vitest';
import { describeKernel } from '../kernel/gate.js';
import { inNetns } from '../kernel/netns.js';
import { jumpLoop, manyChains, manySavedMembers, nestedJumps, nestedQuotes } from './hostile.js';

const load = (variant: 'legacy' | 'nft', text: string): string =>
  inNetns(`iptables-${variant}-restore; iptables-${variant}-save -t filter`, text).replaceAll(/^#.*\n/gm, '');

describeKernel('hostile texts', () => {
  it('legacy loads 200 nested jumps and prints them back', () => {
    expect(load('legacy', nestedJumps(200))).toBe(nestedJumps(200));
  });

  it('nft loads 15 nested jumps and refuses 16', () => {
    expect(load('nft', nestedJumps(15))).toBe(nestedJumps(15));
    expect(() => load('nft', nestedJumps(16))).toThrow('Too many links');
  });

  it.each([
    ['legacy', 'iptables-restore: line 15 failed'],
    ['nft', /Too many (links|levels)/],
  ] as const)('%s refuses jump loops at COMMIT', (variant, message) => {
    expect(() => load(variant, jumpLoop(3))).toThrow(message);
  });

  it.each([1, 2, 3, 4, 5, 6])('a comment of %i quoted levels is printed back', (depth) => {
    expect(load('legacy', nestedQuotes(depth))).toBe(nestedQuotes(depth));
  });

  it('legacy prints 2000 chains back', () => {
    expect(load('legacy', manyChains(2000))).toBe(manyChains(2000));
  });

  it('ipset takes 100,000 members', () => {
    const printed = inNetns('ipset restore; ipset list -t', manySavedMembers(100_000));
    expect(printed).toContain('Number of entries: 100000');
  });
});
