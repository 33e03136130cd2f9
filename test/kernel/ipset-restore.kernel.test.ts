/** Files for `ipset restore` with commands that change sets: what they leave behind is what the kernel then holds. */
import type { IpSet } from '@coldtrace/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printMember } from '../../packages/parsers/src/ipset/print.js';
import { ipsetSave } from '../../packages/parsers/src/ipset/save.js';
import { setsOf } from '../../packages/parsers/src/ipset/testing.js';
import { sectionOf } from '../../packages/parsers/src/testing.js';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';

const show = (set: IpSet) => `${set.name} ${set.type}: ${set.elements.map((one) => printMember(one, set)).sort()}`;
const read = (text: string, command: string) => setsOf(ipsetSave.parse(sectionOf(text, { command })));

const types = ['hash:ip', 'hash:net', 'hash:ip,port', 'hash:net,iface'] as const;
const element = { 'hash:ip': '', 'hash:net': '/24', 'hash:ip,port': ',tcp:80', 'hash:net,iface': '/24,eth0' } as const;

/** Names, and members that each of the types takes; few of each, so that commands meet. */
const command = fc.record({
  verb: fc.constantFrom(
    'create',
    'create',
    'add',
    'add',
    'add',
    'add',
    'del',
    'del',
    'swap',
    'rename',
    'flush',
    'destroy',
  ),
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  other: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  type: fc.constantFrom(...types),
  octet: fc.integer({ min: 1, max: 4 }),
});

/** Commands that the kernel takes, by the plainest possible account of what there is. */
function scriptOf(commands: readonly (typeof command extends fc.Arbitrary<infer T> ? T : never)[]): string {
  const sets = new Map<string, (typeof types)[number]>();
  const lines: string[] = [];
  for (const { verb, name, other, type, octet } of commands) {
    const own = sets.get(name);
    const theirs = sets.get(other);
    if (verb === 'create') {
      if (own !== undefined) continue;
      sets.set(name, type);
      lines.push(`create ${name} ${type}`);
    } else if (own === undefined) continue;
    else if (verb === 'add' || verb === 'del') lines.push(`${verb} ${name} 10.0.${octet}.0${element[own]} -exist`);
    else if (verb === 'swap') {
      if (theirs === own && other !== name) lines.push(`swap ${name} ${other}`);
    } else if (verb === 'rename') {
      if (theirs !== undefined) continue;
      sets.delete(name);
      sets.set(other, own);
      lines.push(`rename ${name} ${other}`);
    } else {
      if (verb === 'destroy') sets.delete(name);
      lines.push(`${verb} ${name}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

describeKernel('ipset restore', () => {
  it('leaves the sets that the kernel then prints', () => {
    const scripts = fc.array(command, { minLength: 10, maxLength: 60 }).map(scriptOf);
    fc.assert(
      fc.property(scripts, (script) => {
        const kernel = read(inNetns('ipset restore; ipset save', script), 'ipset save');
        const ours = read(script, 'ipset restore');
        expect(ours.map(show).sort()).toEqual(kernel.map(show).sort());
      }),
      { numRuns: 60 },
    );
  });

  it('lists hold names, which a swap of their members leaves alone', () => {
    const script =
      'create a hash:ip\ncreate b hash:ip\ncreate l list:set\nadd l a\nadd l b\nadd a 10.0.0.1\nswap a b\ndel l b\n';
    const kernel = read(inNetns('ipset restore; ipset save', script), 'ipset save');
    expect(read(script, 'ipset restore').map(show).sort()).toEqual(kernel.map(show).sort());
    expect(kernel.map(show)).toContain('l list:set: a');
  });
});
