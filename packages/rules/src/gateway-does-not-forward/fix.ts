/** The commands that are missing at a gateway, for each obstacle one, and where their owners keep them. */
import { formatIp, formatPrefix, type Node, type Prefix } from '@coldtrace/core';
import { toolOf } from '../facts/tool-of.js';
import type { Fix, FixStep } from '../finding.js';
import type { Owner } from '../owner/owner.js';
import type { Obstacle } from './obstacles.js';

export interface Place {
  readonly gateway: Node;
  readonly network: Prefix;
  /** Who sets the policy that drops, or wrote the rule. */
  readonly owner: Owner | null;
}

export function forwardFix(obstacles: readonly Obstacle[], place: Place): Fix {
  const { gateway } = place;
  const steps = obstacles.map((obstacle): FixStep => ({ node: gateway.name, ...stepFor(obstacle, place) }));
  return {
    steps,
    persist: [...new Set(obstacles.map((obstacle) => persistOf(obstacle, place)))].join(' '),
    notes: [...new Set(obstacles.flatMap((obstacle) => notesOf(obstacle, place)))].join(' '),
    verified: null,
  };
}

function stepFor(obstacle: Obstacle, { gateway, network }: Place): Omit<FixStep, 'node'> {
  const table = 'table' in obstacle ? obstacle.table : 'nat';
  const tool = toolOf(gateway.host, network.ip.family, table, 'variant' in obstacle ? obstacle.variant : null);
  const net = formatPrefix(network);
  switch (obstacle.kind) {
    case 'forwarding-off':
      return {
        command: `sysctl -w ${obstacle.key}=1`,
        disrupts: 'nothing: the node starts to pass on what its rules accept',
        undo: `sysctl -w ${obstacle.key}=0`,
      };
    case 'policy':
      return {
        command: `${tool} ${tableOption(obstacle.table)}-P ${obstacle.chain} ACCEPT`,
        disrupts: 'nothing: the node passes on what no rule drops',
        undo: `${tool} ${tableOption(obstacle.table)}-P ${obstacle.chain} DROP`,
      };
    case 'rule': {
      const test = obstacle.way === 'there' ? `-s ${net}` : `-d ${net} -m conntrack --ctstate RELATED,ESTABLISHED`;
      const rule = `${obstacle.chain} ${test} -j ACCEPT`;
      return {
        command: `${tool} ${tableOption(obstacle.table)}-I ${rule}`,
        disrupts: `nothing: what ${obstacle.way === 'there' ? 'comes from' : 'answers'} ${net} is accepted`,
        undo: `${tool} ${tableOption(obstacle.table)}-D ${rule}`,
      };
    }
    case 'unmasked':
    case 'missourced': {
      const first = obstacle.kind === 'missourced' || obstacle.ended;
      const rule = `POSTROUTING -s ${net}${obstacle.oif === null ? ` ! -d ${net}` : ` -o ${obstacle.oif}`} -j MASQUERADE`;
      return {
        command: `${tool} -t nat ${first ? '-I' : '-A'} ${rule}`,
        disrupts: 'nothing: new connections get the address of the gateway',
        undo: `${tool} -t nat -D ${rule}`,
      };
    }
  }
}

function tableOption(table: string): string {
  return table === 'filter' ? '' : `-t ${table} `;
}

function persistOf(obstacle: Obstacle, { owner }: Place): string {
  switch (obstacle.kind) {
    case 'forwarding-off':
      return `Write ${obstacle.key} = 1 to a file in /etc/sysctl.d, and look for files there and for services that set it to 0.`;
    case 'policy':
      return persistPolicy(owner);
    default:
      return owner === 'firewalld'
        ? 'firewalld writes its rules anew: add the network to a zone that forwards (firewall-cmd --permanent --zone=trusted --add-source=NETWORK, --add-masquerade for the zone of the uplink).'
        : 'Save the rules where they are restored at boot (netfilter-persistent save, or the file that iptables-restore reads).';
  }
}

export function persistPolicy(owner: Owner | null): string {
  switch (owner) {
    case 'ufw':
      return 'ufw sets the policy: DEFAULT_FORWARD_POLICY="ACCEPT" in /etc/default/ufw, then ufw reload; or ufw route allow in on DEVICE out on DEVICE.';
    case 'docker':
      return 'docker sets the policy to DROP when it finds net.ipv4.ip_forward = 0 at its start: set net.ipv4.ip_forward = 1 in /etc/sysctl.d, which is read before, and it leaves the policy alone.';
    default:
      return 'Save the rules where they are restored at boot (netfilter-persistent save, or the file that iptables-restore reads).';
  }
}

function notesOf(obstacle: Obstacle, { network, owner }: Place): readonly string[] {
  const net = formatPrefix(network);
  if (obstacle.kind === 'missourced')
    return [
      `Take away the SNAT rule to ${formatIp(obstacle.source)} where it is kept; or give that address to ${obstacle.oif ?? 'the uplink'}, if it is to stay and the network beyond knows it.`,
    ];
  if (obstacle.kind !== 'policy' || obstacle.table !== 'filter') return [];
  const chain = owner === 'docker' ? 'DOCKER-USER' : obstacle.chain;
  return [
    `To open no more than this network, keep the policy and accept -s ${net}, and -d ${net} of RELATED,ESTABLISHED connections, in ${chain} instead.`,
  ];
}
