/** Every match extension, sorted by name. Adding one: its file, its test, one import and one entry here. */
import type { MatchDef } from '../extension.js';
import { addrtype } from './addrtype.js';
import { comment } from './comment.js';
import { connmark } from './connmark.js';
import { conntrack } from './conntrack.js';
import { icmp } from './icmp.js';
import { icmp6 } from './icmp6.js';
import { iprange } from './iprange.js';
import { mark } from './mark.js';
import { multiport } from './multiport.js';
import { recent } from './recent.js';
import { set } from './set.js';
import { state } from './state.js';
import { statistic } from './statistic.js';
import { tcp } from './tcp.js';
import { udp } from './udp.js';

/** By name as after `-m`. One name may have a definition per family; the reader takes the one that fits. */
export const matchDefs: readonly MatchDef[] = [
  addrtype,
  comment,
  connmark,
  conntrack,
  icmp,
  icmp6,
  iprange,
  mark,
  multiport,
  recent,
  set,
  state,
  statistic,
  tcp,
  udp,
];
