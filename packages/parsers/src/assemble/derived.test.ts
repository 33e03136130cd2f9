import { describe, expect, test } from 'vitest';
import { onlyNode, snapshotOf } from './testing.js';

const heading = 'UID          PID    PPID  C STIME TTY          TIME CMD\n';
const row = (command: string) => `root        1201       1  2 Nov20 ?        03:11:02 ${command}`;
const node = (...commands: readonly string[]) =>
  onlyNode(snapshotOf(`${heading}${commands.map((one) => `${row(one)}\n`).join('')}`, {}, 'n/ps.txt'));
const settings = (...commands: readonly string[]) =>
  node(...commands).settings.map((one) => `${one.source} ${one.key}=${one.value}`);

describe('flags of running daemons', () => {
  test.each([
    ['/opt/bin/flanneld --ip-masq --iface=ens192', ['flanneld ip-masq=true', 'flanneld iface=ens192']],
    ['/usr/bin/dockerd --bip=172.30.24.1/24', ['docker bip=172.30.24.1/24']],
    ['/usr/bin/docker daemon --bip=172.30.24.1/24', ['docker bip=172.30.24.1/24']],
    ['kube-apiserver --apiserver-count=2', ['kube-apiserver apiserver-count=2']],
    ['grep --color=auto dockerd --bip=172.30.24.1/24', []],
    ['docker run --rm image flanneld --iface=eth1', []],
  ])('%s', (command, expected) => expect(settings(command)).toEqual(expected));

  test.each([
    ['/usr/local/bin/kube-proxy --proxy-mode=ipvs', 'kube-proxy'],
    ['/hyperkube proxy --proxy-mode=ipvs', 'kube-proxy'],
    ['/usr/bin/kubelet --node-ip=10.0.0.1', 'kubelet'],
    ['journalctl -u kubelet --since=today', null],
    ['vi kube-proxy --proxy-mode', null],
  ])('%s', (command, component) => {
    expect(node(command).configs[0]?.component ?? null).toBe(component);
  });

  test('a running kube-proxy has accepted its flags, whatever their names', () => {
    expect(node('kube-proxy --vendor-flag=1 --proxy-mode=ipvs').configs).toMatchObject([{ problems: [] }]);
  });

  test('what stands at the edge of the terminal may be half a word', () => {
    const long = '/opt/bin/flanneld --kube-subnet-mgr --iface=ens1';
    const cut = [long, '/opt/bin/another-daemon --of --the --same --leng'].map((one) => one.slice(0, 48));
    expect(settings(...cut)).toEqual(['flanneld kube-subnet-mgr=true']);
    expect(settings(long)).toEqual(['flanneld kube-subnet-mgr=true', 'flanneld iface=ens1']);
  });
});
