/** A packet's way as people read it: what was decided at each stage and by which line; jumps that led to nothing are folded away. */
import { locate, printable, type Snapshot, type Step, wrap } from '@coldtrace/core';
import type { Terminal } from '../terminal.js';

interface Shown {
  readonly what: string;
  /** Step whose line is cited. */
  readonly step: Step | null;
}

/** `--json` has every step; the picture has what changed the packet or decided on it. */
export function stepLines(snapshot: Snapshot, steps: readonly Step[], terminal: Terminal): readonly string[] {
  const { paint } = terminal;
  const lines: string[] = [];
  let node = '';
  for (const stage of stages(steps)) {
    const [first] = stage;
    const shown =
      first === undefined
        ? []
        : isTable(first)
          ? tableStage(first, stage)
          : stage.filter((step) => !idle.test(step.what)).map((step) => ({ what: step.what, step }));
    if (first === undefined || shown.length === 0) continue;
    if (first.node !== node) {
      node = first.node;
      lines.push(`  ${paint.bold(printable(node))}`);
    }
    let cited: string | null = null;
    shown.forEach((row, index) => {
      const place = row.step === null ? null : placeOf(snapshot, row.step);
      lines.push(...rowLines(index === 0 ? first.stage : '', row.what, place === cited ? null : place, terminal));
      cited = place;
    });
  }
  return lines;
}

function rowLines(stage: string, what: string, place: string | null, { paint, columns }: Terminal): readonly string[] {
  const [first = '', ...rest] = wrap(printable(what), columns - 25);
  const lines = [`    ${paint.blue(stage.padEnd(19))} ${first}`, ...rest.map((more) => `${' '.repeat(24)}${more}`)];
  return place === null ? lines : [...lines, `${' '.repeat(24)}${paint.dim(place)}`];
}

/** Steps cut where the node or the stage changes. */
function stages(steps: readonly Step[]): readonly (readonly Step[])[] {
  const cut: Step[][] = [];
  for (const step of steps) {
    const last = cut.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before?.node === step.node && before.stage === step.stage) last.push(step);
    else cut.push([step]);
  }
  return cut;
}

function isTable(step: Step): boolean {
  return step.stage.includes('/');
}

/** What conntrack says of every packet. */
const idle = /^(?:NEW$|no rule needs connection tracking)/;

const jump = /^(?:jump to|goto) (\S+)$/;
const quiet =
  /^(?:RETURN by rule|end of the chain: policy of \S+ is ACCEPT|RETURN: policy of \S+ is ACCEPT|MARK by rule|rules? .* not apply$|.* counts the packet$)/;

function tableStage(first: Step, steps: readonly Step[]): readonly Shown[] {
  const calledFrom = new Map<string, string>();
  const visited: string[] = [];
  const shown: Shown[] = [];
  for (const step of steps) {
    const target = jump.exec(step.what)?.[1];
    if (target !== undefined) {
      calledFrom.set(target, step.rule?.chain ?? '');
      visited.push(target);
    } else if (!quiet.test(step.what)) shown.push({ what: withWay(step, calledFrom), step });
  }
  const decides = first.stage.startsWith('nat/') || first.stage.startsWith('filter/');
  if (shown.length > 0 || !decides || visited.length === 0) return shown;
  return [{ what: `nothing applies in ${visited.join(', ')}`, step: null }];
}

/** `KUBE-SERVICES → KUBE-SVC-X: DNAT by rule 2 of …` */
function withWay(step: Step, calledFrom: ReadonlyMap<string, string>): string {
  const chain = step.rule?.chain;
  if (chain === undefined) return step.what;
  const way: string[] = [];
  for (
    let at: string | undefined = chain;
    at !== undefined && calledFrom.has(at) && way.length < 12;
    at = calledFrom.get(at)
  )
    way.unshift(at);
  return way.length === 0 ? step.what : `${way.join(' → ')}: ${step.what.replace(` of ${chain}`, '')}`;
}

function placeOf(snapshot: Snapshot, step: Step): string | null {
  const last = step.evidence.at(-1);
  const file = last === undefined ? undefined : snapshot.files[last.span.file];
  return file === undefined || last === undefined ? null : locate(file, last.span);
}
