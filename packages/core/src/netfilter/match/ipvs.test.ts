import { describe } from 'vitest';
import { ipvs } from './ipvs.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

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
  itTests(ipvs, [
    ['nothing that is forwarded has been handled', '--ipvs', packet(), 'no'],
    ['which is what the negation asks', '! --ipvs', packet(), 'yes'],
    ['but no negated detail holds without IPVS', '! --vaddr 10.0.0.1', packet(), 'no'],
    ['on the way out it may have been', '--ipvs', packet({}, { hook: 'POSTROUTING' }), 'unknown'],
    ['or not', '! --ipvs', packet({}, { hook: 'OUTPUT' }), 'unknown'],
  ]);
});
