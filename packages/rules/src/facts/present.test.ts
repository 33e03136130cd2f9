import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze.js';

const links =
  '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq state UP mode DEFAULT qlen 1000\n    link/ether 52:54:00:00:00:02 brd ff:ff:ff:ff:ff:ff\n';
const uname = 'Linux w1 6.1.0-18-amd64 #1 SMP Debian 6.1.76-1 x86_64 GNU/Linux\n';

describe('a rule of whose dumps none was captured', () => {
  it('was not evaluated, and says what it needs', () => {
    const { evaluated, notEvaluated } = analyze(parseSnapshot({ 'w1/uname.txt': uname }));
    expect(evaluated).toEqual(['tcp-tw-recycle-behind-nat']);
    expect(notEvaluated.find(({ rule }) => rule === 'flannel-subnet-duplicate')).toEqual({
      rule: 'flannel-subnet-duplicate',
      node: null,
      needs: ['subnet-env', 'nodes'],
      collect: 'cat /run/flannel/subnet.env; kubectl get nodes -o yaml',
      because: null,
    });
  });

  it('was evaluated where the devices show that there is nothing to check', () => {
    const { evaluated } = analyze(parseSnapshot({ 'w1/uname.txt': uname, 'w1/ip-link.txt': links }));
    expect(evaluated).toContain('flannel-subnet-duplicate');
  });

  it('was not evaluated where no more than a kubeconfig was captured', () => {
    const kubeconfig =
      'apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: https://10.9.0.5:6443\n  name: default\n';
    const { evaluated } = analyze(parseSnapshot({ 'w1/uname.txt': uname, 'w1/etc/kubernetes/admin.conf': kubeconfig }));
    expect(evaluated).toEqual(['tcp-tw-recycle-behind-nat']);
  });

  it('was not evaluated where nothing shows what it would decide by', () => {
    const addresses =
      '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq state UP group default qlen 1000\n    link/ether 52:54:00:00:00:02 brd ff:ff:ff:ff:ff:ff\n    inet 10.9.0.5/24 brd 10.9.0.255 scope global eth0\n';
    const { evaluated, notEvaluated } = analyze(parseSnapshot({ 'w1/ip-addr.txt': addresses }));
    const undecided = [
      'connection-fails',
      'flannel-subnet-unreachable',
      'gateway-does-not-forward',
      'masquerade-hides-pod-source',
    ];
    expect(evaluated.filter((id) => undecided.includes(id))).toEqual([]);
    expect(notEvaluated.find(({ rule }) => rule === 'connection-fails')).toMatchObject({
      node: null,
      needs: ['ip-route'],
    });
    expect(evaluated).toContain('ipvs-address-not-local');
  });
});
