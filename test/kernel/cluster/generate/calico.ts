/** What Calico's Felix makes of a node beside the pods' devices: blocks that end there, sets, a chain for each workload and direction, masquerade by pools. */
import { joined, restoreLines } from '../../referee/generate/shapes/shape.js';
import type { PlacedLine } from '../case.js';
import { ipTool, say } from './network.js';
import { type Plan, type PlannedNode, type PlannedPod, podPort } from './plan.js';

/** Routes and sets come before the rules that name the sets. */
export function calicoLines(plan: Plan, node: PlannedNode): readonly PlacedLine[] {
  if (plan.calico === null) return [];
  const { name, podNet, pods } = node;
  const inet = plan.family === 4 ? 'inet' : 'inet6';
  return [
    ...say(name, ipTool(plan.family), `route add blackhole ${podNet} proto bird`),
    ...say(
      name,
      'ipset',
      ...poolSets(plan).map((set) => `create ${set} hash:net family ${inet}`),
      ...poolSets(plan).map((set) => `add ${set} ${plan.podNets}`),
      ...pods.flatMap((pod) =>
        pod.allows === null
          ? []
          : [`create ${allowed(pod)} hash:net family ${inet}`, ...pod.allows.map((ip) => `add ${allowed(pod)} ${ip}`)],
      ),
    ),
    ...restoreLines(plan.tool, rules(plan, plan.calico.toHost, node)).map((line) => ({ ...line, at: name })),
  ];
}

const version = ({ family }: Plan): string => (family === 4 ? '40' : '60');
const poolSets = (plan: Plan): readonly [string, string] => [
  `cali${version(plan)}all-ipam-pools`,
  `cali${version(plan)}masq-ipam-pools`,
];
const allowed = ({ dev }: PlannedPod): string => `calis:${dev}`;

function rules(plan: Plan, toHost: string, { pods }: PlannedNode): string {
  const [pools, masquerading] = poolSets(plan);
  return `*raw
    :cali-PREROUTING
    -A PREROUTING -j cali-PREROUTING
    -A cali-PREROUTING -j MARK --set-xmark 0x0/0xf0000
    -A cali-PREROUTING -i cali+ -j MARK --set-xmark 0x40000/0x40000
    -A cali-PREROUTING -m mark --mark 0x40000/0x40000 -m rpfilter --validmark --invert -j DROP
    *nat
    :cali-POSTROUTING
    :cali-nat-outgoing
    -A POSTROUTING -j cali-POSTROUTING
    -A cali-POSTROUTING -j cali-nat-outgoing
    -A cali-nat-outgoing -m set --match-set ${masquerading} src -m set ! --match-set ${pools} dst -j MASQUERADE
    *filter
    :cali-INPUT
    :cali-FORWARD
    :cali-OUTPUT
    :cali-wl-to-host
    :cali-from-wl-dispatch
    :cali-to-wl-dispatch
    ${joined(pods.flatMap(({ dev }) => [`:cali-fw-${dev}`, `:cali-tw-${dev}`, `:cali-pi-${dev}`, `:cali-po-${dev}`]))}
    -A INPUT -j cali-INPUT
    -A FORWARD -j cali-FORWARD
    -A FORWARD -m mark --mark 0x10000/0x10000 -j ACCEPT
    -A OUTPUT -j cali-OUTPUT
    -A cali-INPUT -i cali+ -g cali-wl-to-host
    -A cali-INPUT -m mark --mark 0x10000/0x10000 -j ACCEPT
    -A cali-INPUT -j MARK --set-xmark 0x0/0xf0000
    -A cali-wl-to-host -j cali-from-wl-dispatch
    -A cali-wl-to-host -j ${toHost}
    -A cali-FORWARD -j MARK --set-xmark 0x0/0xe0000
    -A cali-FORWARD -i cali+ -j cali-from-wl-dispatch
    -A cali-FORWARD -o cali+ -j cali-to-wl-dispatch
    -A cali-OUTPUT -m mark --mark 0x10000/0x10000 -j ACCEPT
    -A cali-OUTPUT -o cali+ -j RETURN
    -A cali-OUTPUT -j MARK --set-xmark 0x0/0xf0000
    ${joined(pods.map(({ dev }) => `-A cali-from-wl-dispatch -i ${dev} -g cali-fw-${dev}`))}
    -A cali-from-wl-dispatch -j DROP
    ${joined(pods.map(({ dev }) => `-A cali-to-wl-dispatch -o ${dev} -g cali-tw-${dev}`))}
    -A cali-to-wl-dispatch -j DROP
    ${joined(pods.flatMap((pod) => [...workload(`cali-fw-${pod.dev}`, `cali-po-${pod.dev}`), ...workload(`cali-tw-${pod.dev}`, `cali-pi-${pod.dev}`), ...policy(pod)]))}`;
}

const accept = '-j MARK --set-xmark 0x10000/0x10000';

function policy(pod: PlannedPod): readonly string[] {
  const { dev, allows } = pod;
  const letIn =
    allows === null
      ? [accept]
      : ['tcp', 'udp'].map(
          (proto) => `-p ${proto} -m set --match-set ${allowed(pod)} src -m multiport --dports ${podPort} ${accept}`,
        );
  return [`-A cali-po-${dev} ${accept}`, ...letIn.map((rule) => `-A cali-pi-${dev} ${rule}`)];
}

function workload(chain: string, ruled: string): readonly string[] {
  return [
    `-A ${chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `-A ${chain} -m conntrack --ctstate INVALID -j DROP`,
    `-A ${chain} -j MARK --set-xmark 0x0/0x10000`,
    `-A ${chain} -j MARK --set-xmark 0x0/0x20000`,
    `-A ${chain} -m mark --mark 0x0/0x20000 -j ${ruled}`,
    `-A ${chain} -m mark --mark 0x10000/0x10000 -j RETURN`,
    `-A ${chain} -j DROP`,
  ];
}
