/** States of neighbours as ip(8) and bridge(8) print them. iproute2: ip/ipneigh.c `print_neigh_state`. */
export const nudStates: ReadonlySet<string> = new Set([
  'REACHABLE',
  'STALE',
  'DELAY',
  'PROBE',
  'FAILED',
  'INCOMPLETE',
  'NOARP',
  'PERMANENT',
  'NONE',
]);
