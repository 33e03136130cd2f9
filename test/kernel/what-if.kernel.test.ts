/** Random commands, carried out by the real tools in a namespace and by the interpreter on its capture: both refuse the same and are left with the same. */
import { expect, it } from 'vitest';
import { type Disagreement, freshSeed, intolerable, seedsOf } from './fresh.js';
import { describeKernel } from './gate.js';
import { type DumpName, differences, runBoth, shrink } from './what-if/both.js';
import { type Draw, drawFrom } from './what-if/draw.js';
import { ipsetCommand, iptablesCommand } from './what-if/filter-commands.js';
import { netCommand, netSetup } from './what-if/net-commands.js';

interface Suite {
  readonly name: string;
  readonly setup: readonly string[];
  readonly dumps: readonly DumpName[];
  readonly command: (draw: Draw) => string;
}

const filterSetup = (tool: string) => ['ipset create s1 hash:ip', `${tool} -A INPUT -p udp -j ACCEPT`];
const suites: readonly Suite[] = [
  {
    name: 'iptables-legacy',
    setup: filterSetup('iptables-legacy'),
    dumps: ['iptables-legacy-save.txt', 'ipset-save.txt'],
    command: (draw) => iptablesCommand(draw, 'iptables-legacy'),
  },
  {
    name: 'iptables-nft',
    setup: filterSetup('iptables-nft'),
    dumps: ['iptables-nft-save.txt', 'ipset-save.txt'],
    command: (draw) => iptablesCommand(draw, 'iptables-nft'),
  },
  {
    name: 'ipset',
    setup: ['ipset create a hash:ip'],
    dumps: ['iptables-legacy-save.txt', 'ipset-save.txt'],
    command: ipsetCommand,
  },
  {
    name: 'ip addr, link, route, rule and neigh',
    setup: netSetup,
    dumps: ['ip-addr.txt', 'ip-route.txt', 'ip-6-route.txt', 'ip-rule.txt', 'ip-6-rule.txt', 'ip-neigh.txt'],
    command: netCommand,
  },
];

const rounds = Number(process.env['COLDTRACE_ROUNDS'] ?? 4);

describeKernel('a what-if and the real tools', () => {
  it.each(suites)(
    '$name',
    ({ name, setup, dumps, command }) => {
      const wrong: Disagreement[] = [];
      for (const seed of seedsOf(rounds)) {
        const draw = drawFrom(seed);
        const commands = Array.from({ length: 40 }, () => command(draw));
        const both = runBoth(setup, commands, dumps);
        expect(both.steps.filter(({ kernel }) => kernel === null).length).toBeGreaterThan(2);
        if (differences(both).length === 0) continue;
        const least = shrink(setup, commands, dumps);
        wrong.push({ seed, text: `${least.commands.join('\n')}\n${least.differences.join('\n')}` });
      }
      console.log(`${name}: ${rounds} seeds, the last from ${freshSeed} on, 40 commands each`);
      expect(intolerable(`what-if, ${name}`, wrong, rounds * 40)).toEqual([]);
    },
    120_000,
  );
});
