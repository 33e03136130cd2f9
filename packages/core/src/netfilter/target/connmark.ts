/** `-j CONNMARK`: the connection's mark, set or exchanged with the packet's. iptables-extensions(8); net/netfilter/xt_connmark.c. */
import { formatMark, type Mark, parseMark, setXmark } from '../../inet/mark.js';
import { alter, type ConnTemplate, type Skb } from '../../packet/skb.js';
import type { TargetAction } from '../action.js';
import { defineTarget, type GivenTable, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { flag, integer, mark as markValue, pick } from '../value.js';

export interface ConnmarkShift {
  readonly direction: 'left' | 'right';
  readonly bits: number;
}

export type ConnmarkTarget =
  /** mark = (mark & ~mask) ^ value, on the connection's mark. */
  | { readonly kind: 'set'; readonly xmark: Mark; readonly shift: ConnmarkShift | null }
  | {
      readonly kind: 'save' | 'restore';
      readonly nfmask: number;
      readonly ctmask: number;
      readonly shift: ConnmarkShift | null;
    };

const all = 0xffffffff;
const bits = integer('bits', 0, all);
const setters = ['set-xmark', 'set-mark', 'and-mark', 'or-mark', 'xor-mark'] as const;
const operations = [...setters, 'save-mark', 'restore-mark'] as const;

export const connmark = defineTarget({
  name: 'CONNMARK',
  families: [4, 6],
  options: {
    'set-xmark': option(markValue),
    'set-mark': option(markValue),
    'and-mark': option(bits),
    'or-mark': option(bits),
    'xor-mark': option(bits),
    'save-mark': option(flag),
    'restore-mark': option(flag),
    'left-shift-mark': option(integer('bits', 0, 32)),
    'right-shift-mark': option(integer('bits', 0, 32)),
    ctmask: option(bits),
    nfmask: option(bits),
    mask: option(bits),
  },
  sample: (choose, cx) => {
    const operation = pick(choose, operations);
    const values = operation.endsWith('e-mark')
      ? []
      : (operation.startsWith('set') ? markValue : bits).sample(choose, cx);
    const masks = pick(choose, [[], [], ['--mask', '0xff'], ['--ctmask', '3'], ['--nfmask', '0xf0', '--ctmask', '5']]);
    const shift = pick(choose, [[], [], ['--left-shift-mark', String(choose(33))], ['--right-shift-mark', '7']]);
    return choose(4) === 0
      ? [...masks, ...shift, `--${operation}`, ...values]
      : [`--${operation}`, ...values, ...masks, ...shift];
  },
  build: (given): ConnmarkTarget | Refusal => {
    const chosen = operations.filter((name) => given[name] !== undefined);
    const [operation] = chosen;
    if (operation === undefined) return refuse('it does not say what to do');
    if (chosen.length > 1) return refuse(`only one of --${chosen.join(', --')} can be given`);
    if (given.mask !== undefined && (given.ctmask !== undefined || given.nfmask !== undefined)) {
      return refuse('--mask does not go with --ctmask and --nfmask');
    }
    const shift = shiftOf(given);
    if (shift !== null && shift.bits > 31) return refuse('a mark is shifted by 31 bits at most');
    if (operation !== 'save-mark' && operation !== 'restore-mark') return { kind: 'set', xmark: xmarkOf(given), shift };
    const nfmask = given.nfmask?.value ?? given.mask?.value ?? all;
    const ctmask = given.ctmask?.value ?? given.mask?.value ?? all;
    return { kind: operation === 'save-mark' ? 'save' : 'restore', nfmask, ctmask, shift };
  },
  save: (data) => [
    ...(data.kind === 'set'
      ? ['--set-xmark', formatMark(data.xmark)]
      : [`--${data.kind}-mark`, '--nfmask', hex(data.nfmask), '--ctmask', hex(data.ctmask)]),
    ...(data.shift === null ? [] : [`--${data.shift.direction}-shift-mark`, String(data.shift.bits)]),
  ],
  listing: (cursor): ConnmarkTarget | null => (cursor.accept('CONNMARK') ? readListed(cursor) : null),
  apply: (data, { skb }) =>
    skb.ct === null && skb.template !== undefined
      ? appliedToTemplate(data, skb, skb.template)
      : { kind: 'continue', skb: applied(data, skb) },
});

/** Of what sets the mask, the last option wins, so the order of the words counts. */
function xmarkOf(given: GivenTable): Mark {
  let xmark: Mark = { value: 0, mask: all };
  for (const [key, option] of Object.entries(given)) {
    if (option === undefined) continue;
    if (key === 'mask' || key === 'ctmask') xmark = { value: xmark.value, mask: option.value as number };
    else xmark = setterOf(key, option.value) ?? xmark;
  }
  return xmark;
}

function setterOf(key: string, value: unknown): Mark | null {
  const given = value as Mark;
  const word = value as number;
  switch (key) {
    case 'set-xmark':
      return given;
    case 'set-mark':
      return { value: given.value, mask: (given.mask | given.value) >>> 0 };
    case 'and-mark':
      return { value: 0, mask: ~word >>> 0 };
    case 'or-mark':
      return { value: word, mask: word };
    case 'xor-mark':
      return { value: word, mask: 0 };
    default:
      return null;
  }
}

/** The last shift counts; one of no bits is none. */
function shiftOf(given: GivenTable): ConnmarkShift | null {
  let shift: ConnmarkShift | null = null;
  for (const [key, option] of Object.entries(given)) {
    if (!key.endsWith('-shift-mark') || option === undefined) continue;
    shift = { direction: key === 'left-shift-mark' ? 'left' : 'right', bits: option.value as number };
  }
  return shift?.bits === 0 ? null : shift;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function readListed(cursor: ListingCursor): ConnmarkTarget | null {
  const verb = cursor.take();
  if (verb === 'save' || verb === 'restore') {
    const [nfmask, ctmask] = readListedMasks(cursor);
    return { kind: verb, nfmask, ctmask, shift: readListedShift(cursor) };
  }
  const value = parseMark(cursor.take() ?? '');
  const key = { set: 'set-xmark', xset: 'set-xmark', and: 'and-mark', or: 'or-mark', xor: 'xor-mark' }[verb ?? ''];
  if (value === null || key === undefined) return null;
  const plain = key === 'set-xmark' ? value : value.value;
  const xmark = setterOf(key, plain);
  return xmark === null ? null : { kind: 'set', xmark, shift: readListedShift(cursor) };
}

/** `mask M` or `nfmask N ctmask ~C`, the two in either order. */
function readListedMasks(cursor: ListingCursor): readonly [nfmask: number, ctmask: number] {
  let nfmask = all;
  let ctmask = all;
  for (;;) {
    const label = ['mask', 'nfmask', 'ctmask'].find((name) => cursor.accept(name));
    if (label === undefined) return [nfmask, ctmask];
    const value = parseMark((cursor.take() ?? '').replace('~', ''))?.value ?? all;
    if (label !== 'ctmask') nfmask = value;
    if (label !== 'nfmask') ctmask = value;
  }
}

function readListedShift(cursor: ListingCursor): ConnmarkShift | null {
  for (const direction of ['left', 'right'] as const) {
    if (cursor.accept(`${direction}-shift-mark`)) return { direction, bits: Number(cursor.take()) };
  }
  return null;
}

/** Nothing happens to a packet without connection. */
function applied(data: ConnmarkTarget, skb: Skb): Skb {
  const { ct } = skb;
  if (ct === null) return skb;
  switch (data.kind) {
    case 'set':
      return alter(skb, { ct: { ...ct, mark: shifted(setXmark(ct.mark, data.xmark), data.shift) } });
    case 'save': {
      const taken = shifted((skb.mark & data.nfmask) >>> 0, data.shift);
      return alter(skb, { ct: { ...ct, mark: setXmark(ct.mark, { value: taken, mask: data.ctmask }) } });
    }
    case 'restore': {
      const taken = shifted((ct.mark & data.ctmask) >>> 0, data.shift);
      return alter(skb, { mark: setXmark(skb.mark, { value: taken, mask: data.nfmask }) });
    }
  }
}

/** Behind a CT rule of table raw the template is the connection; of its mark some bits may be known. */
function appliedToTemplate(data: ConnmarkTarget, skb: Skb, template: ConnTemplate): TargetAction {
  const { value, mask } = template.mark;
  const marked = (mark: Mark): TargetAction => ({
    kind: 'continue',
    skb: alter(skb, { template: { zone: template.zone, mark } }),
  });
  switch (data.kind) {
    case 'set': {
      const known = shifted((mask | data.xmark.mask) >>> 0, data.shift) | shiftedIn(data.shift);
      return marked({ value: shifted(setXmark(value, data.xmark), data.shift), mask: known >>> 0 });
    }
    case 'save': {
      const taken = shifted((skb.mark & data.nfmask) >>> 0, data.shift);
      return marked({ value: setXmark(value, { value: taken, mask: data.ctmask }), mask: (mask | data.ctmask) >>> 0 });
    }
    case 'restore': {
      if (shifted((data.ctmask & ~mask) >>> 0, data.shift) !== 0)
        return { kind: 'open', because: [{ dump: null, text: 'what CONNMARK has put on the template of a CT rule' }] };
      const taken = shifted((value & data.ctmask) >>> 0, data.shift);
      return { kind: 'continue', skb: alter(skb, { mark: setXmark(skb.mark, { value: taken, mask: data.nfmask }) }) };
    }
  }
}

/** The zeros that come in from the side. */
function shiftedIn(shift: ConnmarkShift | null): number {
  return ~shifted(all, shift) >>> 0;
}

function shifted(mark: number, shift: ConnmarkShift | null): number {
  if (shift === null) return mark;
  return shift.direction === 'left' ? (mark << shift.bits) >>> 0 : mark >>> shift.bits;
}
