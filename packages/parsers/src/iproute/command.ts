/** The ip(8) or bridge(8) command line behind an output, from the prompt or from the name of the file. */
import type { Family, Ip } from '@coldtrace/core';
import type { Section } from '../format.js';

export interface IpCommand {
  /** False when only a file name tells: then arguments beyond `table …` and the family are guesses and left out. */
  readonly typed: boolean;
  readonly family: Family | null;
  /** `addr`, `route`, … as typed. */
  readonly object: string;
  /** Words after the object, the verbs `show`, `list`, `ls` left out. */
  readonly args: readonly string[];
  /** Words of `-d`, `-s`, … without the dash. */
  readonly options: readonly string[];
  /** A pipe may have dropped lines. */
  readonly piped: boolean;
}

const verbs = new Set(['show', 'list', 'ls', 'lst', 'sh', 'l', 'lis', 'sho', 's']);
/** Words of a file name that say that the command asked for some rows only: `ip_neigh_show_nud_noarp`, `ip_-d_route_show_cache`. */
const selecting = new Set([
  'nud',
  'dev',
  'proxy',
  'cache',
  'type',
  'vrf',
  'master',
  'up',
  'grep',
  'get',
  'root',
  'match',
  'exact',
  'proto',
]);
const harmlessPipes = /^\s*(?:cat|less|more|tee|column|sort|nl|jq|python3?\s+-m\s+json\.tool)\b/;

/** The command of a section, or null when neither prompt nor file name tells. */
export function commandOf(section: Section): IpCommand | null {
  return (section.command === null ? null : typedCommand(section.command)) ?? namedCommand(section.path);
}

function typedCommand(command: string): IpCommand | null {
  if (command.length > 4096) return null;
  const [head = '', ...pipes] = command.split('|');
  const words = head.split(/[\s;]+/).filter((word) => word !== '' && !/^[0-9]*[<>]/.test(word));
  const at = words.findIndex((word) => /(?:^|\/)(?:ip|bridge)$/.test(word));
  if (at < 0) return null;
  const rest = words.slice(at + 1);
  const options: string[] = [];
  let family: Family | null = null;
  while (rest[0]?.startsWith('-')) {
    const option = (rest.shift() ?? '').replace(/^-+/, '');
    if (option === '4' || option === '6') family = option === '4' ? 4 : 6;
    else if (option === 'f' || option === 'family') family = rest.shift() === 'inet6' ? 6 : 4;
    else if (option === 'n' || option === 'netns') rest.shift();
    options.push(option);
  }
  const object = rest.shift() ?? '';
  if (object === 'netns' && rest[0] === 'exec') return typedCommand(rest.slice(2).join(' '));
  const nested = rest.findIndex((word) => /(?:^|\/)(?:ip|bridge)$/.test(word));
  if (nested >= 0) return null;
  if (verbs.has(rest[0] ?? '')) rest.shift();
  const piped = pipes.some((pipe) => !harmlessPipes.test(pipe));
  return { typed: true, family, object, args: rest, options, piped };
}

/** `ip_-6_route_show_table_all`, `ip-route-table-all.txt`, `ip6-route.txt`: only the object, the family and the table are taken from it. */
function namedCommand(path: string): IpCommand | null {
  const base = path.slice(path.lastIndexOf('/') + 1);
  if (base.length > 255) return null;
  const words = base
    .replace(/\.(?:txt|log|out|json|md)$/i, '')
    .split(/[-_.+ ]+/)
    .filter((word) => word !== '');
  // `ip_netns_exec_NAME_ip_route`: the last one is the command.
  const at = words.findLastIndex((word) => /^(?:ip|ip[46]|ipv[46]|bridge)$/i.test(word));
  if (at < 0) return null;
  let family: Family | null = null;
  for (const word of words) {
    if (/^(?:6|v6|ipv6|ip6|inet6|route6|rule6|addr6|neigh6)$/i.test(word)) family = 6;
    if (/^(?:4|v4|ipv4|ip4|inet)$/i.test(word)) family = 4;
  }
  const rest = words.slice(at + 1);
  while (/^(?:.|v[46]|inet6?|details?|stats?|json|br|brief|oneline)$/i.test(rest[0] ?? '')) rest.shift();
  const object = (rest.shift() ?? '').toLowerCase().replace(/[46]$/, '');
  if (verbs.has(rest[0] ?? '')) rest.shift();
  const table = rest.findIndex((word) => word.toLowerCase() === 'table');
  const name = table < 0 ? undefined : rest[table + 1];
  const args = name === undefined ? [] : ['table', name];
  return {
    typed: false,
    family,
    object,
    args,
    options: [],
    piped: rest.some((word) => selecting.has(word.toLowerCase())),
  };
}

/** The one family that was asked for; a file's name that says so is wrong when the other is there too. */
export function familyAsked(command: IpCommand | null, rows: readonly { readonly ip: Ip }[]): Family | null {
  const family = command?.family ?? null;
  if (command === null || family === null || command.typed) return family;
  return rows.some((row) => row.ip.family !== family) ? null : family;
}

/** The value after a keyword of the arguments: `dev eth0`. */
export function argumentOf(command: IpCommand | null, keyword: string): string | null {
  const at = command?.args.indexOf(keyword) ?? -1;
  return at < 0 ? null : (command?.args[at + 1] ?? null);
}

/**
 * Matches a command of `ip` or `bridge` about an object, as far abbreviated as the tool takes it, without `-j`; `rest` is matched after the
 * object. Options may have a value of their own (`-n NETNS`).
 */
export function commandPattern(
  tool: 'ip' | 'bridge',
  object: string,
  shortest: number,
  rest = String.raw`(?=\s|$)`,
): RegExp {
  const optional = [...object.slice(shortest)].reduceRight((tail, letter) => `(?:${letter}${tail})?`, '');
  const options = String.raw`(?:-(?:n|netns|f|family)\s+\S+\s+|-(?!j)\S+\s+)*`;
  return new RegExp(String.raw`(?:^|[\s/])${tool}\s+${options}${object.slice(0, shortest)}${optional}${rest}`);
}
