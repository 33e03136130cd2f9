/** `ip [OPTIONS] OBJECT COMMAND`: finds the object, abbreviated as iproute2 lets it be. ip(8), ip/ip.c. */
import { done, type Family } from '@coldtrace/core';
import { badWords, type Call, type Tool, unsupported, unwritten } from '../call.js';
import type { ShellWord } from '../shell/syntax.js';
import { ipAddress } from './ip-addr.js';
import { runBatch } from './ip-batch.js';
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
  let batch: ShellWord | null = null;
  let force = false;
  for (; args[at]?.text.startsWith('-'); at++) {
    const option = args[at]?.text.replace(/^--/, '-') ?? '';
    if (option === '-4') family = 4;
    else if (option === '-6') family = 6;
    else if (option === '-f' || option === '-family') family = familyNamed(args[++at]?.text ?? '') ?? family;
    else if (/^-fo(?:r|rc|rce)?$/.test(option)) force = true;
    else if (/^-ba(?:t|tc|tch)?$|^-b$/.test(option)) {
      batch = args[++at] ?? null;
      if (batch === null) return badWords('the file of -batch is missing');
    }
  }
  if (batch !== null) return inBatch(ns, call, batch, family, force);
  const name = args[at];
  if (name === undefined) return badWords('an object is missing');
  const found = objects.find(([object]) => object.startsWith(name.text));
  if (found === undefined) return unsupported(`ip ${name.text}`, name);
  const rest = args.slice(at + 1);
  if (isShow(rest[0]?.text, found[0])) return done(ns);
  const tool = found[1];
  return tool === null
    ? unsupported(`ip ${found[0]} ${rest[0]?.text ?? ''}`.trim(), name)
    : tool(ns, { ...call, family, args: rest });
};

function inBatch(
  ns: Parameters<Tool>[0],
  call: Call,
  file: ShellWord,
  family: Family | null,
  force: boolean,
): ReturnType<Tool> {
  const input = file.text === '-' ? call.input : call.written(file.text);
  if (input === null) return unsupported(file.text === '-' ? 'ip -batch without lines' : unwritten(file.text), file);
  return runBatch(ns, call, input, force, (before, line) => {
    if (line.args[0]?.text.startsWith('-') === true) return unsupported('options in ip -batch', line.args[0]);
    return ip(before, family === null ? line : { ...line, args: [optionOf(family, file), ...line.args] });
  });
}

/** The family of the whole holds for each line. */
function optionOf(family: Family, place: ShellWord): ShellWord {
  return { ...place, text: `-${family}`, content: null };
}

function familyNamed(text: string): Family | null {
  if (text === 'inet') return 4;
  return text === 'inet6' ? 6 : null;
}

function isShow(command: string | undefined, object: string): boolean {
  // Of a device, `s` is short for `set`.
  if (object === 'link' && command !== undefined && command !== '' && 'set'.startsWith(command)) return false;
  return (
    command === undefined ||
    ['show', 'list', 'lst', 'get', 'save', 'showdump'].some((one) => command.length > 0 && one.startsWith(command))
  );
}

/** The command that is abbreviated, of those that the object has. */
export function commandNamed<Name extends string>(text: string, names: readonly Name[]): Name | null {
  return names.find((name) => name.startsWith(text)) ?? null;
}
