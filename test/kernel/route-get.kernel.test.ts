/** `ip route get` of destinations and sources that are no ordinary host: what it prints is what probe answers. */
import { interview, placeOf } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';

const build = `
ip link set lo up
for i in 0 1; do ip link add d$i type veth peer name q$i; ip link set q$i up; ip link set d$i up; done
ip addr add 10.0.0.1/24 dev d0; ip addr add 10.1.0.1/24 dev d1; ip addr add 10.1.0.7/32 dev lo
ip route add default via 10.0.0.254
ip addr add fd00::1/64 dev d0 nodad; ip -6 route add default via fd00::fe
sleep 0.3`;
const dumps = {
  'ip-addr.txt': 'ip addr',
  'ip-route.txt': 'ip route show table all',
  'ip-6-route.txt': 'ip -6 route show table all',
  'ip-rule.txt': 'ip rule',
  'ip-6-rule.txt': 'ip -6 rule',
  'ip-neigh.txt': 'ip neigh',
  'sysctl.txt': 'sysctl -a 2>/dev/null | grep ^net',
};
const questions = [
  '255.255.255.255',
  '255.255.255.255 from 10.1.0.1',
  '255.255.255.255 from 10.1.0.7',
  '255.255.255.255 from 10.9.0.1',
  '255.255.255.255 oif d1',
  '224.0.0.5',
  '224.0.0.5 from 10.1.0.1',
  '224.0.0.5 oif d1',
  '239.1.1.1 oif d1',
  '239.1.1.1 from 10.1.0.1',
  '8.8.8.8 from 10.9.0.1',
  '8.8.8.8 from 10.1.0.1',
  '8.8.8.8 oif d1',
  '10.0.0.255',
  '10.0.0.255 from 10.1.0.1',
  '10.0.0.1',
  '127.0.0.5',
  '0.0.0.0',
  '::1',
  '::1 oif d0',
  '::1 oif d1',
  '::1 from fd00::9 iif d0',
  '::1 from fd00::9 iif d1',
  'fd00::1 from fd00::9 iif d1',
];

function printed(text: string): Readonly<Record<string, unknown>> {
  const [got = '', matched = ''] = text.split('\n');
  if (got.includes('unreachable')) return { outcome: 'unreachable', errno: 'ENETUNREACH' };
  const word = (line: string, name: string) => new RegExp(` ${name} (\\S+)`).exec(line)?.[1];
  const type = /^(local|broadcast|multicast) /.exec(got)?.[1] ?? 'unicast';
  const [, kind, dst] = /^(\w+) (\S+)/.exec(matched) ?? [];
  const fibmatch = matched.startsWith('RTNETLINK') ? undefined : { dst, table: word(matched, 'table'), type: kind };
  return { outcome: 'ok', type, via: word(got, 'via'), dev: word(got, 'dev'), src: word(got, 'src'), fibmatch };
}

describeKernel('ip route get', () => {
  it('of broadcasts, groups, foreign sources and named devices', () => {
    const shown = Object.values(dumps).map((command) => `echo =====; ${command} || true`);
    const gets = questions.map(
      (words) => `echo =====; ip route get ${words} 2>&1 | head -1; ip -d route get fibmatch ${words} 2>&1 | head -1`,
    );
    const parts = inNetns([build, ...shown, ...gets].join('\n'))
      .split('=====\n')
      .slice(1);
    const files = Object.keys(dumps).map((file, index) => [`node-1/${file}`, parts[index] ?? ''] as const);
    const [node] = parseSnapshot(new Map([['node-1/hostname', 'node-1\n'], ...files])).nodes;
    if (node === undefined) throw new Error('the capture holds no node');
    const ask = interview(placeOf(node, node.host, 'none'));
    questions.forEach((words, index) => {
      const [dst = '', ...given] = words.split(' ');
      const after = (name: string) => (given.includes(name) ? given[given.indexOf(name) + 1] : undefined);
      const asked = { src: after('from'), oif: after('oif'), in_iface: after('iif') };
      const family = dst.includes(':') ? 6 : 4;
      const line = JSON.stringify({ id: index, kind: 'routeget', family, dst, ...asked });
      const { id: _id, ...said } = ask(line, index + 1);
      const kernel = JSON.parse(JSON.stringify(printed(parts[files.length + index] ?? '')));
      expect(said, words).toEqual(kernel);
    });
  });
});
