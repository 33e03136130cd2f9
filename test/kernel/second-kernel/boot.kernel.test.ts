/** The second kernel comes up, has what the machine's own may lack, hands back what was written, and says what failed. */
import { expect, it } from 'vitest';
import { describeKernel } from '../gate.js';
import { BOOT_TOOLS, inSecondKernel } from './boot.js';

describeKernel(
  'second kernel',
  () => {
    it('brings ip_vs, dummy and ipip, takes files in and hands files back', () => {
      const files = inSecondKernel({
        timeoutSeconds: 90,
        files: new Map([['address', '10.96.0.1/32']]),
        script: `modprobe -a ip_vs dummy ipip
          ip link add kube-ipvs0 type dummy
          ip addr add "$(cat address)" dev kube-ipvs0
          ip route show table local dev kube-ipvs0 >routes
          uname -r`,
      });
      expect(files.get('output')).toMatch(/^\d+\.\d+/);
      expect(files.get('routes')?.trim()).toBe('local 10.96.0.1 proto kernel scope host src 10.96.0.1');
    });

    it('a failing command ends the script and is told', () => {
      const boot = () => inSecondKernel({ timeoutSeconds: 90, script: 'echo this is why >&2\nfalse\necho never' });
      expect(boot).toThrow('this is why');
    });
  },
  BOOT_TOOLS,
);
