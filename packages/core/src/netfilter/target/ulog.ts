/** `-j ULOG`: packets copied to userspace, until Linux 3.17. iptables-extensions(8); iptables: extensions/libipt_ULOG.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { defineTarget, option, refuse } from '../extension.js';
import { quote } from '../quote.js';
import { takeQuoted } from '../quoted-listing.js';
import { firstBytes, integer, text } from '../value.js';

export interface UlogTarget {
  readonly group: number;
  readonly prefix: string;
  readonly cprange: number;
  readonly qthreshold: number;
}

const longestPrefix = 31;

export const ulog = defineTarget({
  name: 'ULOG',
  families: [4],
  options: {
    'ulog-nlgroup': option(integer('group', 1, 32)),
    'ulog-prefix': option(text('prefix', Number.POSITIVE_INFINITY)),
    'ulog-cprange': option(integer('bytes', 0, 0xffffffff)),
    'ulog-qthreshold': option(integer('packets', 1, 50)),
  },
  build: (given) => {
    const prefix = given['ulog-prefix']?.value ?? '';
    if (given['ulog-prefix'] !== undefined && prefix === '') return refuse('--ulog-prefix is empty');
    return {
      group: given['ulog-nlgroup']?.value ?? 1,
      prefix: firstBytes(prefix, longestPrefix),
      cprange: given['ulog-cprange']?.value ?? 0,
      qthreshold: given['ulog-qthreshold']?.value ?? 1,
    };
  },
  save: (data: UlogTarget) => [
    ...(data.prefix === '' ? [] : ['--ulog-prefix', quote(data.prefix)]),
    ...(data.group === 1 ? [] : ['--ulog-nlgroup', String(data.group)]),
    ...(data.cprange === 0 ? [] : ['--ulog-cprange', String(data.cprange)]),
    ...(data.qthreshold === 1 ? [] : ['--ulog-qthreshold', String(data.qthreshold)]),
  ],
  listing: (cursor): UlogTarget | null => {
    if (!cursor.accept('ULOG')) return null;
    const number = (label: string) => (cursor.accept(label) ? parseUint32(cursor.take() ?? '') : null);
    const cprange = number('copy_range') ?? 0;
    const group = number('nlgroup') ?? 1;
    const prefix = cursor.accept('prefix') ? (takeQuoted(cursor) ?? '') : '';
    return { group, prefix, cprange, qthreshold: number('queue_threshold') ?? 1 };
  },
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});
