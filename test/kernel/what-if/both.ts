/** The same commands for the real tools in a namespace and for the interpreter on its capture: what each refused, and what each is left with. */
import type { NetNs, Snapshot } from '@coldtrace/core';
import { applyText, parseSnapshot } from '@coldtrace/parsers';
import { inNetns } from '../netns.js';
import { pictureOf } from './picture.js';

const MARK = '=====';

/** What is captured before and after. */
const dumps = {
  'ip-addr.txt': 'ip -d addr',
  'ip-route.txt': 'ip route show table all',
  'ip-6-route.txt': 'ip -6 route show table all',
  'ip-rule.txt': 'ip rule',
  'ip-6-rule.txt': 'ip -6 rule',
  'ip-neigh.txt': 'ip neigh show nud all',
  'bridge-fdb.txt': 'bridge fdb',
  'iptables-legacy-save.txt': 'iptables-legacy-save',
  'ip6tables-legacy-save.txt': 'ip6tables-legacy-save',
  'iptables-nft-save.txt': 'iptables-nft-save 2>/dev/null',
  'ip6tables-nft-save.txt': 'ip6tables-nft-save 2>/dev/null',
  'ipset-save.txt': 'ipset save',
  'sysctl.txt': 'sysctl -a 2>/dev/null | grep ^net',
} as const;

export type DumpName = keyof typeof dumps;

export interface Step {
  readonly command: string;
  /** What the tool said when it refused; null: it did it. */
  readonly kernel: string | null;
  readonly ours: string | null;
}

export interface Both {
  readonly steps: readonly Step[];
  /** What the namespace holds afterwards, a line for each thing. */
  readonly kernel: readonly string[];
  readonly ours: readonly string[];
}

export function runBoth(setup: readonly string[], commands: readonly string[], names: readonly DumpName[]): Both {
  const show = names.flatMap((name) => [`echo ${MARK}`, `${dumps[name]} || true`]);
  const run = commands.map(
    (command) => `if said=$({ ${command}\n} 2>&1); then echo DONE; else echo "NO $said" | tr '\\n' ' '; echo; fi`,
  );
  const pause = 'sleep 0.05';
  const printed = inNetns([...setup, pause, ...show, `echo ${MARK}`, ...run, pause, ...show].join('\n')).split(
    `${MARK}\n`,
  );
  const before = snapshotOf(names, printed.slice(1, names.length + 1));
  const said = (printed[names.length + 1] ?? '').split('\n').filter((line) => /^(?:DONE|NO )/.test(line));
  const after = snapshotOf(names, printed.slice(names.length + 2));
  let now = before;
  const steps: Step[] = [];
  for (const [at, command] of commands.entries()) {
    const kernel = said[at] === 'DONE' ? null : (said[at] ?? 'nothing').replace(/^NO /, '').trim();
    const applied = applyText(now, command);
    const problem = applied.problems[0];
    steps.push({ command, kernel, ours: problem === undefined ? null : problem.message });
    // What is refused in the middle leaves the half that was done before.
    now = applied.snapshot;
  }
  return { steps, kernel: pictureOf(hostOf(after), names), ours: pictureOf(hostOf(now), names) };
}

function snapshotOf(names: readonly DumpName[], texts: readonly string[]): Snapshot {
  return parseSnapshot(new Map(names.map((name, at) => [`node-1/${name}`, texts[at] ?? ''] as const)));
}

function hostOf(snapshot: Snapshot): NetNs {
  const [node] = snapshot.nodes;
  if (node === undefined) throw new Error('the capture holds no node');
  return node.host;
}

/** Where they part; empty when they never do. */
export function differences({ steps, kernel, ours }: Both): readonly string[] {
  const judged = steps
    .filter((step) => (step.kernel === null) !== (step.ours === null))
    .map((step) => `${step.command}\n   kernel: ${step.kernel ?? 'done'}\n   ours:   ${step.ours ?? 'done'}`);
  if (judged.length > 0) return judged;
  const theirs = new Set(kernel);
  const own = new Set(ours);
  return [
    ...kernel.filter((line) => !own.has(line)).map((line) => `kernel only: ${line}`),
    ...ours.filter((line) => !theirs.has(line)).map((line) => `ours only:   ${line}`),
  ];
}

/** The commands without which the difference is gone, found by leaving out one after another. */
export function shrink(
  setup: readonly string[],
  commands: readonly string[],
  names: readonly DumpName[],
): { readonly commands: readonly string[]; readonly differences: readonly string[] } {
  let least = commands;
  let found = differences(runBoth(setup, commands, names));
  for (let size = commands.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < least.length; ) {
      const fewer = [...least.slice(0, at), ...least.slice(at + size)];
      const rest = fewer.length === 0 ? [] : differences(runBoth(setup, fewer, names));
      if (rest.length === 0) at += size;
      else {
        least = fewer;
        found = rest;
      }
    }
  }
  return { commands: least, differences: found };
}
