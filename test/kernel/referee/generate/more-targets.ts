/** Targets that other random rules do without: ranges of NAT, zones, and those that leave the packet as it is. iptables-extensions(8). */
import type { TableName } from '@coldtrace/core';
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { anyDevice, anyHost, marks, type Pool, ports } from './pool.js';
import { natAddress } from './rule-parts.js';
import type { Widened } from './widening.js';

type Words = (pool: Pool, random: Prng, proto: string | null) => string;
type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

const zone: Words = (_, random) =>
  `-j CT ${random.pick(['--zone', '--zone-orig', '--zone-reply'])} ${random.pick(['1', '1', '2', 'mark'])}`;
const portRange: Words = (_, random) => random.pick(['', ':1000-1003', ':80', ':4000-4000']);

const range: Words = (pool, random) => {
  const { own } = anyDevice(pool, random);
  const first = random.chance(0.5) ? random.pick(own) : natAddress(pool, random);
  const last = random.chance(0.3) ? `-${anyHost(pool, random)}` : '';
  return `${first}${last}`;
};

const flags: Words = (_, random) => random.pick(['', '', '', ' --persistent', ' --random']);

const destination: Words = (pool, random, proto) => {
  const to =
    proto === null || pool.family === 6
      ? range(pool, random, proto)
      : `${range(pool, random, proto)}${portRange(pool, random, proto)}`;
  return `-j DNAT --to-destination ${to}${flags(pool, random, proto)}`;
};
const source: Words = (pool, random, proto) => {
  const to =
    proto === null || pool.family === 6
      ? range(pool, random, proto)
      : `${range(pool, random, proto)}${portRange(pool, random, proto)}`;
  return `-j SNAT --to-source ${to}${flags(pool, random, proto)}`;
};
const redirect: Words = (_, random, proto) =>
  proto === null ? '-j REDIRECT' : `-j REDIRECT${random.pick([' --to-ports 80', ' --to-ports 8080-8083', ''])}`;
const netmap: Words = (pool, random) =>
  `-j NETMAP --to ${pool.family === 6 ? anyDevice(pool, random).net : random.pick(['10.1.0.0/24', '10.0.0.0/28', '172.16.5.0/30', '10.1.0.1/32', anyDevice(pool, random).net])}`;
const idle: Words = (_, random) =>
  random.pick([
    '-j TRACE',
    '-j AUDIT --type accept',
    '-j NFLOG --nflog-group 2',
    '-j CLASSIFY --set-class 1:2',
    '-j IDLETIMER --timeout 5 --label t1',
    '-j RATEEST --rateest-name r1 --rateest-interval 250ms --rateest-ewmalog 0.5s',
    '-j CONNMARK --set-xmark 0x1/0xff',
    '-j LOG',
  ]);
const change: Words = (pool, random, proto) =>
  random.pick([
    `-j MARK --set-mark 0x${random.pick(marks).toString(16)}`,
    '-j CONNMARK --save-mark',
    '-j CONNMARK --restore-mark',
    '-j CONNMARK --set-mark 0x3/0x7',
    '-j CONNMARK --or-mark 0x10',
    '-j CONNMARK --xor-mark 0x2',
    '-j CONNMARK --left-shift-mark 2 --set-mark 0x1',
    ...(proto === 'tcp'
      ? [
          '-j TCPMSS --clamp-mss-to-pmtu',
          '-j TCPMSS --set-mss 1000',
          '-j TCPOPTSTRIP --strip-options 2,8',
          ...(pool.family === 4 ? ['-j ECN --ecn-tcp-remove'] : []),
        ]
      : []),
    ...(proto === 'udp' ? ['-j CHECKSUM --checksum-fill'] : []),
    '-j TOS --and-tos 0xf0',
    '-j TOS --or-tos 0x4',
    '-j TOS --xor-tos 0x8',
    '-j DSCP --set-dscp-class EF',
  ]);

const tables: Readonly<Record<TableName, Readonly<Partial<Record<Hook, readonly Words[]>>>>> = {
  raw: { PREROUTING: [zone, zone, idle], OUTPUT: [zone, zone, idle] },
  mangle: {
    PREROUTING: [change, change, idle],
    INPUT: [change, idle],
    FORWARD: [change, idle],
    OUTPUT: [change, change, idle],
    POSTROUTING: [change, idle],
  },
  nat: {
    PREROUTING: [destination, destination, redirect, netmap, idle],
    INPUT: [source, netmap],
    OUTPUT: [destination, redirect, netmap],
    POSTROUTING: [source, source, netmap],
  },
  filter: { INPUT: [idle], FORWARD: [idle], OUTPUT: [idle] },
  security: {},
};

export function moreTargets(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const rules: Line[] = [];
  for (const [table, hooks] of Object.entries(tables)) {
    for (const [hook, choices] of Object.entries(hooks)) {
      rules.push({ tool, table, text: `:${hook} ACCEPT [0:0]` });
      for (let more = random.below(4); more > 0; more--) {
        const proto = random.pick([null, 'tcp', 'udp', 'tcp', 'udp', 'sctp']);
        const words = choices[random.below(choices.length)]?.(pool, random, proto) ?? '';
        rules.push({
          tool,
          table,
          text: `-A ${hook} ${proto === null ? '' : `-p ${proto} `}${random.chance(0.3) ? `-s ${anyHost(pool, random)} ` : ''}${random.chance(0.2) ? `--dport ${random.pick(ports)} `.replace(/^.*/, (text) => (proto === null ? '' : text)) : ''}${words}`,
        });
      }
    }
  }
  return { rules };
}
