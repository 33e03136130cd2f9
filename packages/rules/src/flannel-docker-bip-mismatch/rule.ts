/** docker gives containers addresses of another network than flannel leased: --bip was not taken from flannel's file. dockerd(8). */
import { type Address, formatIp, formatPrefix, type Prefix, parseIp, type Setting, sameIp } from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import type { Fix } from '../finding.js';
import { type CapturedNode, captured, certaintyOf, leaseOf } from '../flannel/common.js';
import { flannelNodes, networkOf, podBridge, type Told } from '../flannel/flannel-node.js';

const messages = {
  differs:
    'docker of {node} is started with --bip={bip}, but flannel leased {subnet}: containers get addresses that other nodes do not route here',
  absent:
    'docker of {node} is started without --bip: docker0 has {address} and not an address of {subnet}, which flannel leased',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const flannelDockerBipMismatch = defineRule({
  id: 'flannel-docker-bip-mismatch',
  severity: 'error',
  summary: 'docker’s --bip is not the subnet that flannel leased for the node.',
  needs: ['subnet-env', 'docker-options'],
  messages,
  check: (cx) => {
    for (const node of captured(flannelNodes(cx.snapshot))) {
      const bips = node.node.settings.filter(
        ({ source, key }) => key === 'bip' && (source === 'docker' || source === 'docker-daemon'),
      );
      const subnet = leaseOf(node);
      if (usesPlugin(node)) continue;
      if (subnet === null || subnet.source === 'route') {
        if (bips.length > 0) cx.notEvaluated(node.name, ['subnet-env']);
        continue;
      }
      const wrong = bips.find(({ value }) => differs(value, subnet.value));
      if (wrong !== undefined) reportBip(cx, node, wrong, subnet);
      else if (bips.length === 0) checkAbsent(cx, node, subnet);
    }
  },
});

/** Pods get their addresses from a CNI plugin: docker's own bridge does not matter. */
function usesPlugin({ node }: CapturedNode): boolean {
  const bridge = podBridge(node);
  return (
    (bridge !== null && bridge !== 'docker0') ||
    node.settings.some(({ source }) => source === 'cni-conflist' || source === 'cni-delegate')
  );
}

function differs(bip: string, subnet: Prefix): boolean {
  const network = networkOf(bip);
  return network !== null && (!sameIp(network.ip, subnet.ip) || network.length !== subnet.length);
}

function docker0({ node }: CapturedNode): Address | undefined {
  return node.host.addresses.rows.find(
    ({ dev, ip, trust }) => dev === 'docker0' && ip.family === 4 && trust !== 'claimed',
  );
}

function reportBip(cx: Context, node: CapturedNode, bip: Setting, subnet: Told<Prefix>): void {
  const address = docker0(node);
  // docker runs with the right address still; the option takes effect when it starts again.
  const later = address !== undefined && !differs(`${formatIp(address.ip)}/${address.prefixLength}`, subnet.value);
  cx.report('differs', {
    severity: later ? 'warning' : 'error',
    certainty: certaintyOf([node], [bip, subnet], subnet.source === 'subnet.env' ? [] : ['subnet']),
    node: node.name,
    subject: `bip ${formatPrefix(subnet.value)}`,
    data: { node: node.name, bip: bip.value, subnet: formatPrefix(subnet.value) },
    evidence: [
      { span: bip.span, why: `docker’s network: ${bip.value}` },
      subnet.evidence,
      ...(address === undefined
        ? []
        : [{ span: address.span, why: later ? 'docker0 as it is now, right still' : 'docker0 as it is now' }]),
    ],
    assumptions:
      subnet.source === 'subnet.env'
        ? []
        : [`the subnet is taken from ${subnet.evidence.why} (${node.name}: subnet-env is not in the snapshot)`],
    fix: bipFix(node, subnet.value, bip),
  });
}

/** docker's command line is known and has no --bip, and docker0 stands elsewhere. */
function checkAbsent(cx: Context, node: CapturedNode, subnet: Told<Prefix>): void {
  const daemon = node.node.processes.rows.find(({ command }) =>
    /^(?:\S*\/)?(?:dockerd|docker(?:\s+-d|\s+daemon))(?:\s|$)/.test(command),
  );
  const address = docker0(node);
  if (address === undefined || daemon?.command.includes('--bip')) return;
  const text = `${formatIp(address.ip)}/${address.prefixLength}`;
  if (!differs(text, subnet.value)) return;
  // Where a CNI plugin makes the bridge, docker's own is nobody's.
  if (daemon === undefined) {
    if (podBridge(node.node) === null) cx.notEvaluated(node.name, ['docker-options']);
    return;
  }
  cx.report('absent', {
    certainty: 'likely',
    node: node.name,
    subject: `bip ${formatPrefix(subnet.value)}`,
    data: { node: node.name, address: text, subnet: formatPrefix(subnet.value) },
    evidence: [
      { span: daemon.span, why: 'no --bip here' },
      { span: address.span, why: 'docker’s default network' },
      subnet.evidence,
    ],
    assumptions: ['pods get their addresses from docker and not from a CNI plugin, of which nothing was captured'],
    fix: bipFix(node, subnet.value, null),
  });
}

/** The address that flannel wrote for the bridge. */
function wantedBip({ node }: CapturedNode, subnet: Prefix): string {
  const written = node.settings.find(({ key }) => key === 'FLANNEL_SUBNET')?.value ?? '';
  return parseIp(written.split('/')[0] ?? '') === null ? formatPrefix(subnet) : written;
}

function bipFix(node: CapturedNode, subnet: Prefix, wrong: Setting | null): Fix {
  const wanted = wantedBip(node, subnet);
  const where =
    wrong === null
      ? 'docker’s options'
      : wrong.source === 'docker-daemon'
        ? '/etc/docker/daemon.json ("bip")'
        : 'docker’s unit or its EnvironmentFile';
  return {
    steps: [
      {
        node: node.name,
        command: `mkdir -p /etc/systemd/system/docker.service.d && printf '[Service]\\nEnvironmentFile=/run/flannel/docker\\n' > /etc/systemd/system/docker.service.d/flannel.conf && systemctl daemon-reload`,
        disrupts: 'nothing yet',
        undo: 'rm /etc/systemd/system/docker.service.d/flannel.conf && systemctl daemon-reload',
      },
      {
        node: node.name,
        command: 'systemctl restart docker',
        disrupts: 'containers of the node stop and start again with new addresses',
        undo: 'restart docker with the former options',
      },
    ],
    persist: `Take ${wrong === null ? 'no fixed --bip' : `--bip=${wrong.value}`} out of ${where}; ExecStart has to use $DOCKER_NETWORK_OPTIONS, which mk-docker-opts.sh writes to /run/flannel/docker (--bip=${wanted}). docker.service starts after flanneld.service.`,
    notes: 'ip link delete docker0 before the restart helps where docker keeps the former bridge.',
    verified: null,
  };
}
