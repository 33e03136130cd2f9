/** `ip [OPTIONS] OBJECT COMMAND`: finds the object, abbreviated as iproute2 lets it be. ip(8), ip/ip.c. */
import { done, type Family } from '@coldtrace/core';
import { badWords, type Call, type Tool, unsupported } from '../call.js';
import type { ShellWord } from '../shell/syntax.js';
import { ipAddress } from './ip-addr.js';
import { ipLink } from './ip-link.js';
import { ipNeighbour } from './ip-neigh.js';
import { ipRoute } from './ip-route.js';
import { ipRule } from './ip-rule.js';

/** An object with its own commands; `family` as the options say. */
export interface IpCall extends Call {
  readonly family: Family | null;
  /** The words from the command on. */
  readonly args: readonly ShellWord[];
}

export type IpTool = (ns: Parameters<Tool>[0], call: IpCall) => ReturnType<Tool>;

/** In the order in which iproute2 looks for the name that is abbreviated. */
const objects: readonly (readonly [name: string, tool: IpTool | null])[] = [
  ['address', ipAddress],
  ['addrlabel', null],
  ['maddress', null],
  ['route', ipRoute],
  ['rule', ipRule],
  ['neighbor', ipNeighbour],
  ['neighbour', ipNeighbour],
  ['ntable', null],
  ['link', ipLink],
];

export const ip: Tool = (ns, call) => {
  const { args } = call;
  let family: Family | null = null;
  let at = 0;
  for (; args[at]?.text.startsWith('-'); at++) {
    const option = args[at]?.text.replace(/^--/, '-') ?? '';
    if (option === '-4') family = 4;
    else if (option === '-6') family = 6;
    else if (option === '-f' || option === '-family') family = familyNamed(args[++at]?.text ?? '') ?? family;
    else if (/^-b(?:a|at|atc|atch)?$/.test(option)) return unsupported('ip -batch', args[at] ?? null);
  }
  const name = args[at];
  if (name === undefined) return badWords('an object is missing');
  const found = objects.find(([object]) => object.startsWith(name.text));
  if (found === undefined) return unsupported(`ip ${name.text}`, name);
  const rest = args.slice(at + 1);
  if (isShow(rest[0]?.text)) return done(ns);
  const tool = found[1];
  return tool === null
    ? unsupported(`ip ${found[0]} ${rest[0]?.text ?? ''}`.trim(), name)
    : tool(ns, { ...call, family, args: rest });
};

function familyNamed(text: string): Family | null {
  if (text === 'inet') return 4;
  return text === 'inet6' ? 6 : null;
}

function isShow(command: string | undefined): boolean {
  return (
    command === undefined ||
    ['show', 'list', 'lst', 'get', 'save', 'showdump'].some((one) => command.length > 0 && one.startsWith(command))
  );
}

/** The command that is abbreviated, of those that the object has. */
export function commandNamed<Name extends string>(text: string, names: readonly Name[]): Name | null {
  return names.find((name) => name.startsWith(text)) ?? null;
}
