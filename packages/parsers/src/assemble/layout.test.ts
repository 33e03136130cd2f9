/** Which folder describes which machine, by the paths alone. */
import { describe, expect, it } from 'vitest';
import { readLayout } from './layout.js';

function folders(paths: readonly string[]): readonly string[] {
  const layout = readLayout(paths, []);
  return [...new Set(paths.map(layout.folderOf))];
}

describe('folders that sort outputs', () => {
  it('are of the one machine above them', () => {
    expect(folders(['x/networking/ip_addr', 'x/kernel/sysctl_-a', 'x/files/etc/hostname'])).toEqual(['x']);
    expect(folders(['x/dumps/network/ip-addr.txt', 'x/dumps/kernel/sysctl.txt'])).toEqual(['x']);
  });

  it('hold several machines where the same outputs lie side by side', () => {
    const paths = ['a', 'b'].flatMap((node) => [`x/dumps/${node}/ip-addr.txt`, `x/dumps/${node}/subnet.env`]);
    expect(folders(paths)).toEqual(['x/dumps/a', 'x/dumps/b']);
    expect(folders([...paths, 'x/info/uname.txt'])).toEqual(['x/dumps/a', 'x/dumps/b', 'x']);
  });

  it('do not for devices and pods, which have the same files each', () => {
    expect(folders(['x/proc/sys/net/ipv4/conf/eth0/forwarding', 'x/proc/sys/net/ipv4/conf/eth1/forwarding'])).toEqual([
      'x',
    ]);
    expect(folders(['x/logs/pod-a/0.log', 'x/logs/pod-b/0.log'])).toEqual(['x']);
  });
});
