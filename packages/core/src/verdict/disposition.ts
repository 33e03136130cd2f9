/** How a packet's way can end: one closed list. */
export type Disposition =
  | 'delivered'
  | 'forwarded'
  | 'dropped'
  | 'rejected'
  | 'no-route'
  | 'unreachable'
  | 'martian'
  | 'rp-filtered'
  | 'neighbour-unresolved'
  | 'looped'
  | 'undetermined';

/** How a way ended, and what was sent back. */
export interface Ending {
  readonly disposition: Disposition;
  /** `icmp 3/13`, `tcp-reset` for rejections. */
  readonly rejectWith: string | null;
  /** The packet is no more, and the kernel goes on with its connection by itself, as this says. */
  readonly instead?: string;
}

export const ending = (disposition: Disposition, rejectWith: string | null = null): Ending => ({
  disposition,
  rejectWith,
});

export function dropping(instead?: string): Ending {
  return instead === undefined ? ending('dropped') : { ...ending('dropped'), instead };
}
