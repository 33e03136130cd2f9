/** A set as `ipset create` makes it: its options in the order in which `ipset save` prints them, with the defaults of the type. lib/ipset_hash_*.c. */
import { formatRange, type IpSet, type SetType, type Span, setTypeNamed } from '@coldtrace/core';
import { readOptions, type SetOptions } from '../../ipset/options.js';
import { badWords, type Fault } from '../call.js';

const optionOrder = [
  'family',
  'hashsize',
  'maxelem',
  'bitmask',
  'netmask',
  'markmask',
  'range',
  'size',
  'timeout',
  'counters',
  'comment',
  'skbinfo',
  'forceadd',
  'bucketsize',
  'initval',
];

export function newSet(name: string, typeName: string, words: readonly string[], span: Span): IpSet | Fault {
  const type = setTypeNamed(typeName);
  if (type === undefined) return badWords(`Syntax error: unknown settype ${typeName}`);
  const given = readOptions(words, type);
  const [unknown] = given.unknown;
  if (unknown !== undefined) return badWords(`Syntax error: unknown argument ${unknown}`);
  if (type.name.startsWith('bitmap:') && given.range === null) return badWords('Mandatory option `range` is missing');
  const options = optionsOf(type, given);
  const { family, timeout, range, netmask, bitmask, markmask } = given;
  return {
    span,
    name,
    type: type.name,
    revision: null,
    family,
    options,
    timeout,
    range,
    netmask,
    bitmask,
    markmask,
    references: null,
    elements: [],
    complete: true,
  };
}

function optionsOf(type: SetType, given: SetOptions): IpSet['options'] {
  const options = new Map<string, readonly string[]>();
  const put = (name: string, ...value: readonly string[]) => options.set(name, [name, ...value]);
  if (type.name.startsWith('hash:')) {
    if (type.family !== null) put('family', given.family === 6 ? 'inet6' : 'inet');
    put('hashsize', '1024');
    put('maxelem', '65536');
    put('bucketsize', '12');
  } else if (type.name === 'list:set') put('size', '8');
  for (const option of given.options) {
    const [name = ''] = option;
    if (optionOrder.includes(name) && name !== 'family') options.set(name, option);
  }
  const { range } = given;
  if (range?.kind === 'ip') put('range', formatRange(range.range));
  if (range?.kind === 'port') put('range', `${range.ports.first}-${range.ports.last}`);
  return optionOrder.flatMap((name) => {
    const option = options.get(name);
    return option === undefined ? [] : [option];
  });
}
