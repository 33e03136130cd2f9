/** A reservation of the host-local plugin is a file named by its address; a capture lists many of them in one. containernetworking/plugins, host-local. */
import { type Node, parseIp, sameIp } from '@coldtrace/core';

const reservation = /^\/var\/lib\/cni\/networks\/([^/]+)\/([0-9a-fA-F.:]+)$/;

/** The node without the reservation that the path is; null when the path is none that was captured. */
export function withoutReservation(node: Node, path: string): Node | null {
  const [, network, address = ''] = reservation.exec(path) ?? [];
  const ip = parseIp(address);
  if (ip === null) return null;
  const { rows } = node.reservations;
  const kept = rows.filter((row) => !sameIp(row.ip, ip) || (row.network !== null && row.network !== network));
  return kept.length === rows.length ? null : { ...node, reservations: { ...node.reservations, rows: kept } };
}
