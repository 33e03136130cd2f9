import { describe, expect, it } from 'vitest';
import { itPrints, itRefuses, mustRead, packet } from '../match/testing.js';
import { reject } from './reject.js';

const printed = (type: string) => [`--reject-with ${type}`, `reject-with ${type}`] as const;

describe('REJECT', () => {
  itPrints(reject, 4, [
    ['', ...printed('icmp-port-unreachable')],
    ['--reject-with net-unreach', ...printed('icmp-net-unreachable')],
    ['--reject-with ICMP-Admin-Prohibited', ...printed('icmp-admin-prohibited')],
    ['--reject-with p', ...printed('icmp-proto-unreachable')],
    ['--reject-with icmp-', ...printed('icmp-net-unreachable')],
    ['--reject-with ""', ...printed('icmp-net-unreachable')],
  ]);
  itPrints(reject, 4, [['--reject-with tcp-rst', ...printed('tcp-reset')]], { proto: 6 });
  itPrints(reject, 6, [
    ['', ...printed('icmp6-port-unreachable')],
    ['--reject-with adm-prohibited', ...printed('icmp6-adm-prohibited')],
    ['--reject-with reject-route', ...printed('icmp6-reject-route')],
    ['--reject-with i', ...printed('icmp6-no-route')],
  ]);
  itRefuses(reject, 4, [
    ['--reject-with tcp-reset', 'needs -p tcp'],
    ['--reject-with echo-reply', 'no kind of rejection'],
    ['--reject-with icmp6-no-route', 'no kind of rejection'],
  ]);

  it.each([
    [4, 'admin-prohib', 'icmp 3/13'],
    [4, 'port-unreach', 'icmp 3/3'],
    [6, 'policy-fail', 'icmpv6 1/5'],
  ] as const)('IPv%s answers %s with %s', (family, type, answer) => {
    const data = mustRead(reject, family, `--reject-with ${type}`);
    expect(reject.apply?.(data, packet({ family }))).toEqual({ kind: 'reject', with: answer });
  });
});
