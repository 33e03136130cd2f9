/** Carries out the commands of a script one after another, as a shell would: `&&` and `||` go by what came of the one before. */
import { type Bench, groundOf, readWritten, report, type Site, settle, spanIn } from './bench.js';
import type { Call, Result } from './call.js';
import { type Errand, errandOf } from './errand.js';
import { capturedPart } from './file-edits.js';
import { runKubectl } from './kubectl.js';
import { withoutReservation } from './reservations.js';
import { readScript } from './shell/read-script.js';
import type { Joiner, ShellCommand, Stretch } from './shell/syntax.js';
import { toolNamed } from './tools/index.js';

/** How a command ended; `stuck`: nobody can tell, and what depends on it is not run; `over`: nothing behind it is. */
type Ending = 'yes' | 'no' | 'stuck' | 'over';

export function runScript(bench: Bench, site: Site, from: number, to: number): void {
  const { commands, problems } = readScript(bench.file.text, from, to);
  for (const problem of problems) {
    if (problem.kind === 'variable') report(bench, 'variable', problem, { text: problem.text });
    else report(bench, 'syntax', problem, { why: problem.why });
  }
  runCommands(bench, site, commands);
}

function runCommands(bench: Bench, site: Site, commands: readonly ShellCommand[]): void {
  let before: { readonly ending: Ending; readonly joiner: Joiner } = { ending: 'yes', joiner: ';' };
  for (let at = 0; at < commands.length; at++) {
    const first = commands[at];
    if (first === undefined) continue;
    const pipe = [first];
    while (pipe.at(-1)?.joiner === '|' && at + 1 < commands.length) pipe.push(...commands.slice(++at, at + 1));
    const { joiner } = pipe.at(-1) ?? first;
    const mayFail = joiner === '||' && !givesUp(commands[at + 1]);
    const ending = isRun(before) ? runPipe(bench, site, pipe, mayFail) : before.ending;
    if (ending === 'over') return;
    before = { ending, joiner };
  }
}

function isRun({ ending, joiner }: { readonly ending: Ending; readonly joiner: Joiner }): boolean {
  if (joiner === '&&') return ending === 'yes';
  return joiner !== '||' || ending === 'no';
}

/** `… || exit 1`: what fails there was not meant to. */
function givesUp(next: ShellCommand | undefined): boolean {
  const [name, status] = next?.words ?? [];
  return name?.text === 'exit' && status?.text !== '0';
}

/** `mayFail`: what follows takes care of that. */
function runPipe(bench: Bench, site: Site, pipe: readonly ShellCommand[], mayFail: boolean): Ending {
  const errand = errandOf(bench, site, pipe);
  if (errand === null) return 'stuck';
  switch (errand.kind) {
    case 'nothing':
      return errand.ending;
    case 'exit':
      return 'over';
    case 'move':
      Object.assign(site, errand.site);
      return 'yes';
    case 'script':
      runScript(bench, errand.site, errand.text.start, errand.text.end);
      return 'yes';
    case 'file':
      return editFiles(bench, errand);
    case 'kubectl':
      return runKubectl(bench, errand.site, errand.args, errand.input, errand.stretch) ? 'yes' : 'stuck';
    case 'tool':
      return runTool(bench, errand, mayFail);
  }
}

function editFiles(bench: Bench, { site, paths, text, body, stretch }: Extract<Errand, { kind: 'file' }>): Ending {
  const ground = groundOf(bench, { ...site, netns: null }, stretch);
  const node = ground === null ? undefined : bench.nodes[ground.node];
  if (ground === null || node === undefined) return 'stuck';
  let ending: Ending = 'yes';
  for (const { text: path } of paths) {
    const without = text === null ? withoutReservation(bench.nodes[ground.node] ?? node, path) : null;
    if (without !== null) bench.nodes[ground.node] = without;
    else if (text === null && isMissing(bench, node.name, path)) {
      report(bench, 'not-captured', stretch, { tool: 'rm', why: `the snapshot shows no file ${path}` });
      ending = 'stuck';
    } else {
      bench.edits.push({ node: node.name, path, text });
      bench.written.set(`${node.name}:${path}`, body);
    }
  }
  return ending;
}

/** A file that these commands removed before they ran once more was there. */
function isMissing({ before, placed }: Bench, node: string, path: string): boolean {
  const removed = placed.some((edit) => edit.node === node && edit.path === path && edit.text === null);
  return !removed && capturedPart(before, { node, path }) === null;
}

function runTool(bench: Bench, errand: Extract<Errand, { kind: 'tool' }>, mayFail: boolean): Ending {
  const { site, args, input, stretch, name } = errand;
  const tool = toolNamed(name);
  if (tool === null) {
    report(bench, 'unknown-command', errand.nameAt, { command: name });
    return 'stuck';
  }
  const ground = groundOf(bench, site, stretch);
  if (ground === null) return 'stuck';
  const { file, files } = bench;
  const written = (path: string) => readWritten(bench, site, path);
  const call: Call = { tool: name, args, input, span: spanIn(bench, stretch), file, files, written };
  const result = tool(ground.ns, call);
  const now = result.kind === 'done' ? result.value : result.kind === 'open' ? undefined : result.left;
  if (now !== undefined) settle(bench, ground, now);
  return endingOf(bench, result, name, stretch, mayFail);
}

function endingOf(bench: Bench, result: Result<unknown>, tool: string, at: Stretch, mayFail: boolean): Ending {
  switch (result.kind) {
    case 'done':
      return 'yes';
    case 'refused':
      if (!mayFail) report(bench, 'refused', at, { tool, why: result.why });
      return 'no';
    case 'open':
      report(bench, 'not-captured', at, { tool, why: result.why });
      return 'stuck';
    case 'fault':
      if (result.code === 'unsupported') report(bench, 'unsupported', result.at ?? at, { what: result.why });
      else report(bench, 'bad-words', result.at ?? at, { tool, why: result.why });
      return 'stuck';
  }
}
