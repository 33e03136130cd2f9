/** The MTU of a bridge follows its ports: what cni0 shows without pods says nothing. net/bridge/br_if.c br_mtu_auto_adjust. */
import { expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';

const mtuAfter = (commands: readonly string[]) =>
  /mtu (\d+)/.exec(inNetns([...commands, 'ip -o link show lan'].join('\n')))?.[1];
const made = ['ip link add lan mtu 1450 type bridge', 'ip link add v mtu 1450 type veth peer name w'];

describeKernel('the MTU of a bridge', () => {
  it.each<[string, readonly string[], string]>([
    ['is that of its port', [...made, 'ip link set v master lan'], '1450'],
    [
      'goes back to 1500 when the last port leaves',
      [...made, 'ip link set v master lan', 'ip link set v nomaster'],
      '1500',
    ],
    [
      'stays once it was set',
      [...made, 'ip link set lan mtu 1400', 'ip link set v master lan', 'ip link set v nomaster'],
      '1400',
    ],
  ])('%s', (_, commands, mtu) => {
    expect(mtuAfter(commands)).toBe(mtu);
  });
});
