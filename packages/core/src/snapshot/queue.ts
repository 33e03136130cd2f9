/** Queues of packets for programs, as /proc/net/netfilter/nfnetlink_queue lists them (net/netfilter/nfnetlink_queue.c, seq_show). */
import type { Row } from './dump.js';

/** A queue that a program listens on. */
export interface PacketQueue extends Row {
  readonly number: number;
}
