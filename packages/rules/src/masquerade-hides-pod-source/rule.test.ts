/** What the rule makes of pastes that show little of a node. */
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { analyze } from '../analyze.js';

const options = `DOCKER_OPT_BIP="--bip=10.33.5.1/24"
DOCKER_OPT_IPMASQ="--ip-masq=true"
`;
const listing = `Chain POSTROUTING (policy ACCEPT 210 packets, 12K bytes)
num   pkts bytes target     prot opt in     out     source               destination
1     9120  547K MASQUERADE  all  --  *      !docker0  10.33.5.0/24         0.0.0.0/0
`;
const addresses = `    inet 192.168.77.5/24 brd 192.168.77.255 scope global eth0
    inet 10.33.5.0/32 scope global flannel.1
    inet 10.33.5.1/24 brd 10.33.5.255 scope global docker0
`;
const routes = `default via 192.168.77.254 dev eth0
10.33.5.0/24 dev docker0 proto kernel scope link src 10.33.5.1
10.33.6.0/24 via 10.33.6.0 dev flannel.1 onlink
192.168.77.0/24 dev eth0 proto kernel scope link src 192.168.77.5
`;

const paste = (way: string) => {
  const outputs = [
    ['cat /run/flannel/docker', options],
    ['iptables -t nat -L POSTROUTING -n -v --line-numbers', listing],
    ['ip a | grep inet', addresses],
    ['ip r', way],
  ];
  const text = outputs.map(([command, output]) => `[root@w5 ~]# ${command}\n${output}`).join('');
  return analyze(parseSnapshot({ 'ticket.txt': text })).findings;
};

it('flannel is known by the addresses of its device where no links were captured', () => {
  expect(paste(routes)).toMatchObject([
    {
      rule: 'masquerade-hides-pod-source',
      node: 'w5',
      certainty: 'likely',
      data: { dev: 'flannel.1', source: '10.33.5.0' },
    },
  ]);
});

it('without a way to other pods nothing is said', () => {
  expect(paste(routes.replace(/^.*flannel.*\n/m, ''))).toEqual([]);
});
