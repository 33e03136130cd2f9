/** `--chunk-types any DATA:Be,INIT`: kinds of SCTP chunks and their flags. RFC 9260; iptables extensions/libxt_sctp.c. */
import { isRefusal, type Refusal, refuse, type ValueType } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { pick } from '../value.js';

/** One type; in `flags` a capital letter stands for a flag that is set, a small one for a flag that is not. */
export interface Chunk {
  readonly type: number;
  readonly flags: string;
}

export interface ChunkTest {
  readonly match: 'all' | 'any' | 'only';
  /** By type, ascending. `ALL` is every type there can be. */
  readonly chunks: readonly Chunk[] | 'ALL';
}

const names: Readonly<Record<string, number>> = {
  DATA: 0x00,
  INIT: 0x01,
  INIT_ACK: 0x02,
  SACK: 0x03,
  HEARTBEAT: 0x04,
  HEARTBEAT_ACK: 0x05,
  ABORT: 0x06,
  SHUTDOWN: 0x07,
  SHUTDOWN_ACK: 0x08,
  ERROR: 0x09,
  COOKIE_ECHO: 0x0a,
  COOKIE_ACK: 0x0b,
  ECN_ECNE: 0x0c,
  ECN_CWR: 0x0d,
  SHUTDOWN_COMPLETE: 0x0e,
  I_DATA: 0x40,
  ASCONF_ACK: 0x80,
  RE_CONFIG: 0x82,
  PAD: 0x84,
  FORWARD_TSN: 0xc0,
  ASCONF: 0xc1,
  I_FORWARD_TSN: 0xc2,
};
const byNumber: ReadonlyMap<number, string> = new Map(Object.entries(names).map(([name, type]) => [type, name]));

/** Flags that the tools keep, in the order of printing. */
const flagsOf: ReadonlyMap<number, string> = new Map([
  [0x00, 'IUBE'],
  [0x06, 'T'],
  [0x0e, 'T'],
]);

/** The letters of a type's flags, the highest bit first. */
export function chunkFlags(type: number): string {
  return flagsOf.get(type) ?? '';
}

const matches = ['all', 'any', 'only'] as const;

export const chunkTypes: ValueType<ChunkTest> = {
  name: 'all|any|only chunk[,chunk]',
  words: 2,
  read: ([how = '', list = '']) => {
    const match = matches.find((known) => known === how.toLowerCase());
    if (match === undefined) return refuse(`"${how}" is none of all, any, only`);
    const chunks = readChunks(list);
    return isRefusal(chunks) ? chunks : { match, chunks };
  },
  sample: (choose) => [
    pick(choose, ['all', 'any', 'only', 'ANY']),
    pick(choose, [
      'DATA',
      'INIT,DATA',
      'ALL',
      'NONE',
      'DATA:beUI',
      'ABORT:T,sack',
      'PAD,I_DATA,ASCONF',
      'DATA:B,DATA:e',
    ]),
  ],
};

function readChunks(list: string): readonly Chunk[] | 'ALL' | Refusal {
  const whole = list.toUpperCase();
  if (whole === 'ALL') return 'ALL';
  if (whole === 'NONE') return [];
  const found = new Map<number, string>();
  for (const part of list.split(',')) {
    if (part === '') continue;
    const [name = '', letters = ''] = part.split(':');
    const type = Object.hasOwn(names, name.toUpperCase()) ? names[name.toUpperCase()] : undefined;
    if (type === undefined) return refuse(`"${name}" is no chunk type`);
    const known = flagsOf.get(type) ?? '';
    for (const letter of letters) {
      if (!known.includes(letter.toUpperCase())) return refuse(`chunk ${name} has no flag "${letter}"`);
    }
    const given = `${found.get(type) ?? ''}${letters}`;
    found.set(type, [...known].map((flag) => flagIn(given, flag)).join(''));
  }
  return [...found].sort(([x], [y]) => x - y).map(([type, flags]) => ({ type, flags }));
}

/** Both ways given, a flag has to be set. */
function flagIn(letters: string, flag: string): string {
  if (letters.includes(flag)) return flag;
  return letters.includes(flag.toLowerCase()) ? flag.toLowerCase() : '';
}

export function saveChunks({ match, chunks }: ChunkTest): readonly string[] {
  if (chunks === 'ALL') return [match, 'ALL'];
  const list = chunks.map(({ type, flags }) => `${byNumber.get(type) ?? type}${flags === '' ? '' : `:${flags}`}`);
  return [match, list.length === 0 ? 'NONE' : list.join(',')];
}

/** `! any 0x0000:Be,0x0001`, without -n `! any DATA:Be,INIT`. */
export function readListedChunks(cursor: ListingCursor): (ChunkTest & { readonly invert: boolean }) | null {
  const at = cursor.at;
  const invert = cursor.accept('!');
  const match = matches.find((known) => cursor.accept(known));
  const chunks = match === undefined ? null : readChunks(named(cursor.take() ?? ''));
  if (match !== undefined && chunks !== null && !isRefusal(chunks)) return { match, chunks, invert };
  cursor.reset(at);
  return null;
}

function named(list: string): string {
  return list.replace(/0x[0-9A-F]{4}/g, (number) => byNumber.get(Number(number)) ?? number);
}
