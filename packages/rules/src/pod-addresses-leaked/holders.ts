/** Who holds a reserved address: a running sandbox, a container's sandbox, or a pod of the API; and how sure that is. */

import { type AddressReservation, formatIp, type KubePod, type Node, type Snapshot, sameIp } from '@coldtrace/core';
import { isOn } from '../facts/api-nodes.js';
import { breaksOff } from '../facts/breaks-off.js';

export interface Judge {
  /** What it goes by, for the message. */
  readonly by: string;
  /** null: nothing stands between it and a proof. */
  readonly assumption: string | null;
  /** Reservations of which nothing can be said are held. */
  readonly isHeld: (row: AddressReservation) => boolean;
}

/** The best witness there is; null when nobody tells what runs. */
export function judgeOf(snapshot: Snapshot, node: Node): Judge | null {
  const listed = !breaksOff(snapshot, node.containers);
  return (listed ? bySandboxes(node) : null) ?? byPods(snapshot, node) ?? (listed ? byContainers(node) : null);
}

/** Listings show the first 12 or 13 digits of an id. */
function isSame(short: string, full: string): boolean {
  return short.length >= 12 && full.length >= 12 && (full.startsWith(short) || short.startsWith(full));
}

function bySandboxes(node: Node): Judge | null {
  const sandboxes = node.containers.rows.filter(({ id, sandboxId }) => id === sandboxId);
  if (sandboxes.length === 0) return null;
  return {
    by: 'pod sandbox',
    assumption: isWhole(node) ? null : 'the listing of pod sandboxes is whole',
    isHeld: ({ containerId }) => containerId === null || sandboxes.some(({ id }) => isSame(id, containerId)),
  };
}

/** Who pastes a listing may leave lines out. */
function isWhole({ containers }: Node): boolean {
  return containers.state === 'complete' && containers.sources.every(({ pasted }) => pasted !== true);
}

/** `crictl ps`: a sandbox whose containers all wait is not in it. */
function byContainers(node: Node): Judge | null {
  const rows = node.containers.rows.filter(({ sandboxId }) => sandboxId !== null);
  if (rows.length === 0) return null;
  return {
    by: 'container',
    assumption: 'every pod sandbox has a running container, since only containers are listed',
    isHeld: ({ containerId }) =>
      containerId === null || rows.some(({ sandboxId }) => sandboxId !== null && isSame(sandboxId, containerId)),
  };
}

function byPods(snapshot: Snapshot, node: Node): Judge | null {
  const pods = snapshot.objects.filter(
    (one): one is KubePod => one.kind === 'Pod' && isOn(snapshot, node, one.nodeName),
  );
  if (pods.length === 0) return null;
  const live = pods.filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed');
  return {
    by: 'pod',
    assumption: `the list of pods holds every pod of ${node.name}`,
    isHeld: ({ ip }) => live.some(({ ips }) => ips.some((own) => sameIp(own, ip))),
  };
}

export function fileOfReservation({ network, ip }: AddressReservation): string {
  return `/var/lib/cni/networks/${network ?? 'NETWORK'}/${formatIp(ip)}`;
}
