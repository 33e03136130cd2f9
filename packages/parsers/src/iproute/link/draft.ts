/** A link and its addresses while their lines are read. */
import {
  type Address,
  type BridgePort,
  bareLink,
  type Link,
  type LinkCounters,
  type LinkDetails,
  type Mac,
  type Span,
} from '@coldtrace/core';
import type { Cursor } from '../cursor.js';
import type { Entry } from '../entry.js';

export type AddressDraft = { -readonly [Key in keyof Address]: Address[Key] };

export interface LinkDraft {
  readonly entry: Entry;
  readonly cursors: Cursor[];
  ifindex: number | null;
  name: string;
  altnames: string[];
  flags: string[];
  mtu: number | null;
  state: string | null;
  type: string | null;
  mac: Mac | null;
  master: string | null;
  peer: string | null;
  peerIfindex: number | null;
  peerNetns: string | null;
  qdisc: string | null;
  group: string | null;
  details: LinkDetails | null;
  /** `ip -d` prints `promiscuity` for every device. */
  detailed: boolean;
  port: BridgePort | null;
  counters: LinkCounters | null;
  addresses: AddressDraft[];
  /** `ip link` prints `mode …`, `ip addr` does not: tells them apart where no address is shown. */
  mode: boolean;
  /** False for a line of `ip -o addr`, which shows an address and the name of its device only. */
  shown: boolean;
  /** One of `-br`: much is not shown. */
  brief: boolean;
  /** The address just read was no address: its lifetimes belong to nothing. */
  lostAddress: boolean;
  /** Some address was none. */
  lost: boolean;
  /** Set while a line of counters is awaited. */
  awaiting: 'rx' | 'tx' | 'errors' | null;
}

export function newLink(entry: Entry, ifindex: number | null, name: string): LinkDraft {
  return {
    ...bareLink,
    entry,
    cursors: [],
    ifindex,
    name,
    altnames: [],
    flags: [],
    detailed: false,
    addresses: [],
    mode: false,
    shown: true,
    brief: false,
    lostAddress: false,
    lost: false,
    awaiting: null,
  };
}

export function linkOf(draft: LinkDraft, span: Span): Link {
  const link: Link & { detailed?: true } = {
    ifindex: draft.ifindex,
    name: draft.name,
    altnames: draft.altnames,
    flags: draft.flags,
    mtu: draft.mtu,
    state: draft.state,
    type: draft.type,
    mac: draft.mac,
    master: draft.master,
    peer: draft.peer,
    peerIfindex: draft.peerIfindex,
    peerNetns: draft.peerNetns,
    qdisc: draft.qdisc,
    group: draft.group,
    details: draft.details,
    port: draft.port,
    counters: draft.counters,
    span,
  };
  if (draft.detailed) link.detailed = true;
  return link;
}
