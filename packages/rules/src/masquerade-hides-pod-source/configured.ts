/** docker's own options, where no rule was captured: with --ip-masq it masquerades what leaves its network by any device but docker0. dockerd(8), flannel's mk-docker-opts.sh. */
import {
  formatPrefix,
  type Node,
  type Prefix,
  parsePrefix,
  prefixCovers,
  prefixOf,
  type Setting,
} from '@coldtrace/core';
import { tablesNamed } from '../facts/table-rules.js';
import type { Fix } from '../finding.js';
import { podBridge } from '../flannel/flannel-node.js';
import { declaredNetworks } from './pod-network.js';
import type { Context } from './rule.js';

export function checkConfigured(cx: Context, node: Node): void {
  if (tablesNamed(node.host, 4, 'nat').length > 0 || usesPlugin(node)) return;
  const ofDocker = node.settings.filter(({ source }) => source === 'docker' || source === 'docker-daemon');
  const masks = ofDocker.find(({ key, value }) => key === 'ip-masq' && value === 'true');
  const bip = ofDocker.find(({ key }) => key === 'bip');
  const subnet = bip === undefined ? null : subnetOf(bip);
  const network = declaredNetworks(cx.snapshot, node).find(
    ({ prefix }) => subnet !== null && prefix.length < subnet.length && prefixCovers(prefix, subnet),
  );
  if (masks === undefined || bip === undefined || subnet === null || network === undefined) return;
  cx.report('configured', {
    certainty: 'possible',
    node: node.name,
    subject: `docker ${formatPrefix(subnet)}`,
    data: { node: node.name, subnet: formatPrefix(subnet), network: formatPrefix(network.prefix) },
    evidence: [
      { span: masks.span, why: 'docker masquerades what leaves by any device but docker0' },
      { span: bip.span, why: 'pods stand behind docker0' },
      network.evidence,
    ],
    assumptions: [
      `no rule in front of docker’s spares what goes to ${formatPrefix(network.prefix)} (${node.name}: iptables-save is not in the snapshot)`,
    ],
    fix: optionFix(node),
  });
}

function subnetOf({ value }: Setting): Prefix | null {
  const given = parsePrefix(value);
  return given === null ? null : prefixOf(given.ip, given.length);
}

/** Pods of a CNI plugin do not stand behind docker0. */
function usesPlugin(node: Node): boolean {
  const bridge = podBridge(node);
  return (
    (bridge !== null && bridge !== 'docker0') ||
    node.settings.some(({ source }) => source === 'cni-conflist' || source === 'cni-delegate')
  );
}

function optionFix({ name }: Node): Fix {
  return {
    steps: [
      {
        node: name,
        command: 'systemctl restart flanneld   # with --ip-masq among its options',
        disrupts: 'nothing: flanneld masquerades what leaves the network of all pods, and tells docker not to',
        undo: 'take --ip-masq out of its options and restart it',
      },
      {
        node: name,
        command: 'systemctl restart docker',
        disrupts: 'containers of the node stop and start again',
        undo: 'restart docker with --ip-masq=true',
      },
    ],
    persist:
      'Write --ip-masq to the options of flanneld (FLANNEL_OPTIONS in /etc/sysconfig/flanneld, or its unit): mk-docker-opts.sh then writes --ip-masq=false to /run/flannel/docker.',
    notes: '',
    verified: null,
  };
}
