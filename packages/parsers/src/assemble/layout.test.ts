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

  it('are of one machine where each holds one file that is called after it', () => {
    const paths = ['subnet/node-1.env', 'crictl-pods/node-1.txt', 'cni-networks/node-1.txt'];
    expect(folders(paths.map((path) => `x/${path}`))).toEqual(['x']);
    expect(folders(['x/web/report.txt', 'x/db/report.txt'])).toEqual(['x/web', 'x/db']);
    expect(folders(['x/node-1/master-1.txt', 'x/node-2/master-1.txt'])).toEqual(['x/node-1', 'x/node-2']);
  });

  it('do not for devices and pods, which have the same files each', () => {
    expect(folders(['x/proc/sys/net/ipv4/conf/eth0/forwarding', 'x/proc/sys/net/ipv4/conf/eth1/forwarding'])).toEqual([
      'x',
    ]);
    expect(folders(['x/logs/pod-a/0.log', 'x/logs/pod-b/0.log'])).toEqual(['x']);
  });
});
