import { describe } from 'vitest';
import type { IpvsMark } from '../../ipvs/connection.js';
import { ipvs } from './ipvs.js';
import { itPrints, itRefuses, itTests, type PacketFields, packet } from './testing.js';

// The prints come from a kernel with IPVS (6.1, iptables-legacy); iptables-nft prints matches of xtables with the same function.
describe('ipvs', () => {
  itPrints(ipvs, 4, [
    ['--ipvs', '--ipvs', 'ipvs'],
    ['! --ipvs', '! --ipvs', '! ipvs'],
    ['--vproto tcp', '--vproto 6', 'vproto 6'],
    ['! --vproto 17', '! --vproto 17', '! vproto 17'],
    ['--vaddr 10.0.0.9/8', '--vaddr 10.0.0.9/8', 'vaddr 10.0.0.9/8'],
    ['! --vaddr 10.0.0.1', '! --vaddr 10.0.0.1', '! vaddr 10.0.0.1'],
    ['--vaddr 0.0.0.0/0', '--vaddr 0.0.0.0/0', 'vaddr 0.0.0.0/0'],
    ['! --vport http', '! --vport 80', '! vport 80'],
    ['--vdir reply', '--vdir REPLY', 'vdir REPLY'],
    ['! --vmethod IPIP', '! --vmethod IPIP', '! vmethod IPIP'],
    ['--vmethod masq', '--vmethod MASQ', 'vmethod MASQ'],
    ['! --vportctl 21', '! --vportctl 21', '! vportctl 21'],
    [
      '--ipvs --vaddr 10.0.0.1 --vport 80 --vproto tcp --vmethod MASQ --vdir REPLY --vportctl 21',
      '--vproto 6 --vaddr 10.0.0.1 --vport 80 --vdir REPLY --vmethod MASQ --vportctl 21',
      'vproto 6 vaddr 10.0.0.1 vport 80 vdir REPLY vmethod MASQ vportctl 21',
    ],
  ]);
  itPrints(ipvs, 6, [['! --vaddr fd00::/64', '! --vaddr fd00::/64', '! vaddr fd00::/64']]);
  itRefuses(ipvs, 4, [
    ['', 'at least one'],
    ['! --ipvs --vaddr 10.0.0.1', 'together'],
    ['! --vdir REPLY', 'takes no !'],
    ['--vdir orig', 'none of'],
    ['--vmethod M', 'none of'],
    ['--vproto 300', 'no protocol'],
  ]);
  const request = (changes: PacketFields = {}) =>
    packet({
      proto: 6,
      src: '10.0.0.9',
      sport: 4000,
      dst: '10.0.1.11',
      dport: 8080,
      ipvs: handled('request'),
      ...changes,
    });
  itTests(ipvs, [
    ['nothing that is forwarded has been handled', '--ipvs', packet(), 'no'],
    ['which is what the negation asks', '! --ipvs', packet(), 'yes'],
    ['but no negated detail holds without IPVS', '! --vaddr 10.0.0.1', packet(), 'no'],
    ['what goes to a server has been handled', '--ipvs', request(), 'yes'],
    [
      'its virtual address is asked for',
      '--vaddr 10.96.0.0/16 --vport 80 --vproto tcp --vmethod masq',
      request(),
      'yes',
    ],
    ['and not', '! --vaddr 10.96.0.1', request(), 'no'],
    ['another port is not', '! --vport 443', request(), 'yes'],
    ['a direction is that of a tracked connection', '--vdir ORIGINAL', request(), 'no'],
    ['an answer is handled too', '--ipvs', answer(), 'yes'],
    ['but its connection is not found', '--vaddr 10.96.0.1', answer(), 'no'],
  ]);
});

function answer() {
  return packet({ proto: 6, src: '10.96.0.1', sport: 80, dst: '10.0.0.9', dport: 4000, ipvs: handled('answer') });
}

function handled(role: IpvsMark['role']): IpvsMark {
  return {
    role,
    connection: {
      proto: 6,
      client: { ip: ip('10.0.0.9'), port: 4000 },
      virtual: { ip: ip('10.96.0.1'), port: 80 },
      server: { ip: ip('10.0.1.11'), port: 8080 },
      method: 'masq',
      encapsulation: null,
      tracked: false,
      onePacket: false,
      controlPort: null,
    },
  };
}

function ip(text: string) {
  return packet({ src: text }).skb.src;
}
