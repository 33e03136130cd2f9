/** The remedy: the holder stops answering by the wrong interface, and the entry is learned again. ip-neighbour(8). */
import { formatIp, formatMac } from '@coldtrace/core';
import type { Fix, FixStep } from '../finding.js';
import type { ArpSetting, ArpSettings } from './arp-settings.js';
import type { Misdirected } from './misdirected.js';

export function entryFix({ node, entry, holder, right, wrong }: Misdirected, settings: ArpSettings): Fix {
  const ip = formatIp(entry.ip);
  const byHand = entry.nud === 'PERMANENT';
  const quiet = entry.ip.family === 6 ? [] : quietSteps(holder.name, settings);
  const forget: FixStep = {
    node: node.name,
    command: `ip neigh del ${ip} dev ${entry.dev}`,
    disrupts: `nothing: the next packet to ${ip} asks again`,
    undo: `ip neigh replace ${ip} lladdr ${formatMac(entry.lladdr)} dev ${entry.dev} nud ${(entry.nud ?? 'stale').toLowerCase()}`,
  };
  return {
    steps: [...quiet, forget],
    persist:
      entry.ip.family === 6
        ? 'Neighbour entries of IPv6 are asked for again by themselves; remove whatever set this one.'
        : `Write net.ipv4.conf.all.arp_ignore = 1 and net.ipv4.conf.all.arp_announce = 2 to /etc/sysctl.d/90-arp.conf on every node with several interfaces on one segment${byHand ? `, and remove what sets the permanent entry on ${node.name}` : ''}.`,
    notes: `${strictNote(settings, wrong.name, byHand)}The order matters: with arp_ignore=0 both ${right.name} and ${wrong.name} of ${holder.name} answer, and the same entry may come back. Separate VLANs for the networks of ${right.name} and ${wrong.name} rule it out as well.`,
    verified: null,
  };
}

/** The same where no entry was captured. */
export function quietFix(holder: string, settings: ArpSettings): Fix {
  return {
    steps: quietSteps(holder, settings),
    persist:
      'Write net.ipv4.conf.all.arp_ignore = 1 and net.ipv4.conf.all.arp_announce = 2 to /etc/sysctl.d/90-arp.conf on every node with several interfaces on one segment.',
    notes: 'Entries that neighbours have learned stay until they are asked for again: ip neigh del removes them.',
    verified: null,
  };
}

/** An interface with a strict rp_filter answers ARP only to those whom it routes to, so it cannot have taught the entry like this. */
function strictNote({ reversePath }: ArpSettings, wrong: string, byHand: boolean): string {
  if (reversePath.value !== 1 || byHand) return '';
  return `With rp_filter=1 ${wrong} answers no ARP from networks of other interfaces: the entry was learned while it was 0 or 2, or from a request that went out by ${wrong} (arp_announce=0). `;
}

function quietSteps(holder: string, { ignore, announce }: ArpSettings): readonly FixStep[] {
  const step = (name: string, want: number, now: ArpSetting, disrupts: string): readonly FixStep[] =>
    now.value !== null && now.value >= want
      ? []
      : [
          {
            node: holder,
            command: `sysctl -w net.ipv4.conf.all.${name}=${want}`,
            disrupts,
            undo: `sysctl -w net.ipv4.conf.all.${name}=0`,
          },
        ];
  return [
    ...step(
      'arp_ignore',
      1,
      ignore,
      `hosts that reach an address of ${holder} by another interface than its own (virtual addresses on lo or a dummy)`,
    ),
    ...step('arp_announce', 2, announce, 'nothing'),
  ];
}
