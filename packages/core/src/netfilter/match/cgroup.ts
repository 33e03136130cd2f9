/** `-m cgroup`: the control group of the socket. iptables-extensions(8); net/netfilter/xt_cgroup.c. */
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, type Refusal, refuse } from '../extension.js';
import { quote } from '../quote.js';
import { integer, printed, text } from '../value.js';
import { readListedNumber } from './listed-number.js';

export type CgroupMatch =
  | { readonly kind: 'path'; readonly path: string; readonly invert: boolean }
  /** Class of the net_cls controller. */
  | { readonly kind: 'classid'; readonly classid: number; readonly invert: boolean };

const classid = integer('classid', 0, 0xffffffff);

export const cgroup = defineMatch({
  name: 'cgroup',
  families: [4, 6],
  options: { path: negatable(text('path', 511)), cgroup: negatable(classid) },
  build: (given, { chain }): CgroupMatch | Refusal => {
    if (chain === 'PREROUTING' || chain === 'FORWARD') return refuse(`a packet in ${chain} has no socket`);
    const { path, cgroup: id } = given;
    if (path !== undefined && id !== undefined) return refuse('--path and --cgroup cannot be used together');
    if (path !== undefined) return { kind: 'path', path: path.value, invert: path.invert };
    return id === undefined
      ? refuse('neither --path nor --cgroup is given')
      : { kind: 'classid', classid: id.value, invert: id.invert };
  },
  // Other paths than the root are refused unless that group exists.
  sample: (choose, cx) =>
    choose(2) === 0
      ? printed('--path', ['/'], choose(2) === 0)
      : printed('--cgroup', classid.sample(choose, cx), choose(2) === 0),
  save: (data) =>
    data.kind === 'path'
      ? printed('--path', [quote(data.path)], data.invert)
      : printed('--cgroup', [`${data.classid}`], data.invert),
  listing: (cursor): CgroupMatch | null => {
    const listed = readListedNumber(cursor, 'cgroup');
    if (listed !== null) return { kind: 'classid', classid: listed.value, invert: listed.invert };
    if (!cursor.accept('cgroup')) return null;
    const invert = cursor.accept('!');
    return { kind: 'path', path: cursor.take() ?? '', invert };
  },
  test: (_data, { skb, hook }): Tri => {
    // On the way in the kernel may already have found the socket; on the way out there is one or there is none.
    if (skb.owner === null && hook !== 'INPUT') return false;
    return unknown('the control group of the socket is not asked');
  },
});
