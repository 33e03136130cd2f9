/** Loads rules with the real tools and tells, for each, what `-save` prints or why it was refused. iptables-restore(8), nsenter(1). */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { type Family, tableNames, type XtablesVariant } from '@coldtrace/core';
import { type GeneratedRule, userChains } from './rule-generator.js';

export interface Verdict {
  /** Lines of `-save` that the rule became; null when it was refused. */
  readonly saved: readonly string[] | null;
  /** What the tool said when it refused it. */
  readonly said: string;
  /** The kernel has no such extension, so its refusal says nothing about the rule. */
  readonly lacking: boolean;
  /** What became of its print when that was loaded in its place; null where it came back the same. */
  readonly loses: string | null;
}

export interface RuleKernel {
  readonly load: (rules: readonly GeneratedRule[]) => Promise<readonly Verdict[]>;
  readonly close: () => void;
}

interface Run {
  readonly status: number;
  readonly out: string;
  readonly said: string;
}

/** A network namespace of its own that lives until `close`; `prepare` is shell text that makes what rules refer to. */
export async function ruleKernel(family: Family, variant: XtablesVariant, prepare: string): Promise<RuleKernel> {
  const holder = spawn(
    'unshare',
    ['--net', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /run && echo up && exec cat'],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve());
    holder.once('exit', (status) => reject(new Error(`no namespace: exit ${status}`)));
  });
  const tool = `${family === 4 ? 'iptables' : 'ip6tables'}-${variant}`;
  const run = (command: string, input: string) => inNamespace(holder, command, input);
  const prepared = await run(prepare, '');
  if (prepared.status !== 0) throw new Error(`preparing the namespace: ${prepared.said}`);
  return {
    load: (rules) => loadAll(tool, rules, run),
    close: () => {
      holder.stdin.end();
    },
  };
}

function inNamespace(holder: ChildProcess, command: string, input: string): Promise<Run> {
  return new Promise((resolve) => {
    const args = ['-t', String(holder.pid), '-n', '-m', 'sh', '-c', command];
    const options = { maxBuffer: 1 << 28, env: { ...process.env, LC_ALL: 'C' } };
    const child = execFile('nsenter', args, options, (error, out, said) => {
      resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, out, said });
    });
    // A tool that refuses its first lines ends before it has read them all.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

type RunIt = (command: string, input: string) => Promise<Run>;

/** Whole batches as long as they load; what does not is halved until the rule that is to blame stands alone. */
async function loadAll(tool: string, rules: readonly GeneratedRule[], run: RunIt): Promise<readonly Verdict[]> {
  if (rules.length === 0) return [];
  const { text, lines } = restoreText(rules);
  const done = await run(`${tool}-restore && ${show(tool)}`, text);
  if (done.status === 0) return verdicts(tool, rules, done, run);
  const said = done.said.trim();
  if (rules.length === 1) return [refusal(said)];
  const blamed = lines.indexOf(Number(/(?:line: |^line )(\d+)/m.exec(said)?.[1]));
  if (blamed >= 0) {
    const before = await loadAll(tool, rules.slice(0, blamed), run);
    return [...before, refusal(said), ...(await loadAll(tool, rules.slice(blamed + 1), run))];
  }
  const half = rules.length >> 1;
  const left = await loadAll(tool, rules.slice(0, half), run);
  return [...left, ...(await loadAll(tool, rules.slice(half), run))];
}

const lacks = /missing kernel module|failed \(No such file or directory\)|Couldn't load/;

function refusal(said: string): Verdict {
  return { saved: null, said: reasonIn(said), lacking: lacks.test(said), loses: null };
}

/** What is neither advice nor a warning about some other rule. */
function reasonIn(said: string): string {
  const lines = said
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(?:Try `|Error occurred|Warning: weird)/.test(line));
  return lines.at(-1) ?? said;
}

const separator = (index: number) => `-m comment --comment rule-${index}`;

/** A rule, or the lines that stand in its place. */
interface RuleLines extends Pick<GeneratedRule, 'table' | 'chain' | 'text'> {
  readonly lines?: readonly string[];
}

/** Every rule stands behind a rule that carries its number, so that the prints of each are found again. */
function restoreText(rules: readonly RuleLines[]): { readonly text: string; readonly lines: readonly number[] } {
  const text: string[] = [];
  const lines: number[] = [];
  for (const table of tableNames) {
    text.push(`*${table}`, ...[...userChains, 'USER2', 'x'].map((chain) => `:${chain} - [0:0]`));
    rules.forEach((rule, index) => {
      if (rule.table !== table) return;
      const own = rule.lines ?? [rule.text];
      text.push(`-A ${rule.chain} ${separator(index)}`, ...own.map((line) => `-A ${rule.chain} ${line}`));
      lines[index] = text.length;
    });
    text.push('COMMIT');
  }
  return { text: `${text.join('\n')}\n`, lines };
}

/** What `-save` and `-L` print for each rule. */
interface Shown {
  readonly saved: readonly (readonly string[])[];
  readonly listed: readonly (readonly string[])[];
}

/** Both tools' prints of all rules; `===` stands between them. */
const show = (tool: string) => {
  const lists = tableNames.map((table) => `echo "*${table}" && ${tool} -t ${table} -n -v -x -L`).join(' && ');
  return `${tool}-save && echo === && ${lists}`;
};

/** Without counters; the interface `+` is no test and comes back as `*`. */
function sameListing(line: string): string {
  return line.replace(/^\s*\d+\s+\d+\s/, '').replace(/ \+(?=\s)/g, ' *');
}

function shownIn(out: string, count: number): Shown {
  const [save = '', list = ''] = out.split('===\n');
  const saved: string[][] = Array.from({ length: count }, () => []);
  const listed: string[][] = Array.from({ length: count }, () => []);
  const current = new Map<string, string[]>();
  for (const line of save.split('\n')) {
    if (line.startsWith('*')) current.clear();
    if (!line.startsWith('-A ')) continue;
    const chain = line.slice(3, line.indexOf(' ', 3));
    const mark = /^-A \S+ -m comment --comment rule-(\d+)$/.exec(line);
    if (mark === null) current.get(chain)?.push(line);
    else current.set(chain, saved[Number(mark[1])] ?? []);
  }
  let rows: string[] | undefined;
  for (const line of list.split('\n')) {
    const mark = /\/\* rule-(\d+) \*\/\s*$/.exec(line);
    if (mark !== null) rows = listed[Number(mark[1])];
    else if (line.startsWith('Chain ') || line.startsWith('*')) rows = undefined;
    else if (line.trim() !== '' && !/^\s*pkts\b/.test(line)) rows?.push(sameListing(line));
  }
  return { saved, listed };
}

/** The prints, and what they lose: each is loaded in the place of its rule and shown again. */
async function verdicts(
  tool: string,
  rules: readonly GeneratedRule[],
  done: Run,
  run: RunIt,
): Promise<readonly Verdict[]> {
  const shown = shownIn(done.out, rules.length);
  const losses = await lossesOf(tool, rules, shown, run);
  return rules.map((_, index) => ({
    saved: shown.saved[index] ?? [],
    said: done.said,
    lacking: false,
    loses: losses[index] ?? null,
  }));
}

async function lossesOf(
  tool: string,
  rules: readonly GeneratedRule[],
  shown: Shown,
  run: RunIt,
): Promise<readonly (string | null)[]> {
  const again = rules.map((rule, index) => ({
    ...rule,
    lines: (shown.saved[index] ?? []).map((line) => line.slice(`-A ${rule.chain} `.length)),
  }));
  const { text } = restoreText(again);
  const done = await run(`${tool}-restore && ${show(tool)}`, text);
  if (done.status !== 0) {
    if (rules.length === 1) return [reasonIn(done.said)];
    const half = rules.length >> 1;
    const part = (from: number, to: number) =>
      lossesOf(
        tool,
        rules.slice(from, to),
        { saved: shown.saved.slice(from, to), listed: shown.listed.slice(from, to) },
        run,
      );
    return [...(await part(0, half)), ...(await part(half, rules.length))];
  }
  const second = shownIn(done.out, rules.length);
  return rules.map((_, index) => firstDifference(shown, second, index));
}

function firstDifference(first: Shown, second: Shown, index: number): string | null {
  for (const kind of ['saved', 'listed'] as const) {
    const before = (first[kind][index] ?? []).join('\n');
    const after = (second[kind][index] ?? []).join('\n');
    if (before !== after) return `${kind}\n    ${before}\n  comes back as\n    ${after}`;
  }
  return null;
}
