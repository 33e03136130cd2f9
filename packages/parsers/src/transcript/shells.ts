/** Which machine and network namespace a prompt belongs to: shells are entered (`ssh`, `kubectl exec -it … sh`, `ip netns exec X bash`) and left. */
import type { Where } from '../detect/piece.js';
import type { Command } from './command.js';
import type { Prompt } from './prompt.js';

interface Shell {
  readonly node: string | null;
  readonly netns: string | null;
  /** Host of the prompt at which it was entered: when that prompt is back, so is the place. */
  readonly from: string | null;
}

export interface Shells {
  /** Inside which shells the session is, the innermost last. */
  readonly stack: Shell[];
  host: string | null;
  /** Machines that a heading names, nearly always one; it holds for prompts without a host. */
  label: readonly string[];
}

export const nowhere: Where = { prompt: 'none', node: null, netns: null };

export function newShells(): Shells {
  return { stack: [], host: null, label: [] };
}

/** Where outputs under the last heading come from, when it names a machine. */
export function atLabel({ label }: Shells): Where | null {
  const [node, ...also] = label;
  if (node === undefined) return null;
  return { prompt: 'named', node, netns: null, headed: true, ...(also.length > 0 ? { also } : {}) };
}

/** Where the command after this prompt runs. */
export function atPrompt(shells: Shells, prompt: Prompt): Where {
  const top = shells.stack.at(-1);
  if (prompt.host === null) {
    if (top === undefined) return atLabel(shells) ?? { prompt: 'anonymous', node: null, netns: null };
    return { prompt: top.node === null ? 'anonymous' : 'named', node: top.node, netns: top.netns };
  }
  // A container without a name is called by its id.
  if (/^[0-9a-f]{12}$/.test(prompt.host)) {
    const node = top?.node ?? shells.host;
    return { prompt: node === null ? 'anonymous' : 'named', node, netns: top?.netns ?? `container:${prompt.host}` };
  }
  if (top !== undefined && top.netns === null && top.from === prompt.host) shells.stack.pop();
  else if (top !== undefined && top.netns !== null && inContainer(top.netns)) {
    if (top.from !== prompt.host)
      return { prompt: top.node === null ? 'anonymous' : 'named', node: top.node, netns: top.netns };
    shells.stack.pop();
  }
  shells.host = prompt.host;
  shells.label = [];
  const netns = shells.stack.at(-1)?.netns ?? null;
  return { prompt: 'named', node: prompt.host, netns };
}

function inContainer(netns: string): boolean {
  return netns.startsWith('pod:') || netns.startsWith('container:');
}

/** Where the output of one command comes from, and what it does to the shells. */
export function run(shells: Shells, command: Command, where: Where): Where {
  if (command.leaves) shells.stack.pop();
  const { node, netns, many } = command.place;
  if (many === true) return nowhere;
  if (node === undefined && netns === undefined) return where;
  // A pod runs wherever it was scheduled, not where kubectl was typed.
  const elsewhere = netns?.startsWith('pod:') === true && node === undefined;
  const there: Where = {
    prompt: node === undefined && elsewhere ? 'anonymous' : node === undefined ? where.prompt : 'named',
    node: node ?? (elsewhere ? null : where.node),
    netns: netns === undefined ? where.netns : netns,
    ...(node === undefined && !elsewhere && where.also !== undefined ? { also: where.also } : {}),
  };
  if (command.enters && shells.stack.length < 32) {
    shells.stack.push({ node: there.node, netns: there.netns, from: where.node });
  }
  return there;
}
