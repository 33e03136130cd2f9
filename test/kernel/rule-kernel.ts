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
    child.stdin?.end(input);
  });
}

type RunIt = (command: string, input: string) => Promise<Run>;

/** Whole batches as long as they load; what does not is halved until the rule that is to blame stands alone. */
async function loadAll(tool: string, rules: readonly GeneratedRule[], run: RunIt): Promise<readonly Verdict[]> {
  if (rules.length === 0) return [];
  const { text, lines } = restoreText(rules);
  const done = await run(`${tool}-restore && ${tool}-save`, text);
  if (done.status === 0) return verdicts(rules, done.out, done.said);
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
  return { saved: null, said: reasonIn(said), lacking: lacks.test(said) };
}

/** What is neither advice nor a warning about some other rule. */
function reasonIn(said: string): string {
  const lines = said
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(?:Try `|Error occurred|Warning: weird)/.test(line));
  return lines.at(-1) ?? said;
}

const separator = (index: number) => `-m comment --comment rule-${index}`;

/** Every rule stands behind a rule that carries its number, so that the prints of each are found again. */
function restoreText(rules: readonly GeneratedRule[]): { readonly text: string; readonly lines: readonly number[] } {
  const text: string[] = [];
  const lines: number[] = [];
  for (const table of tableNames) {
    text.push(`*${table}`, ...[...userChains, 'USER2', 'x'].map((chain) => `:${chain} - [0:0]`));
    rules.forEach((rule, index) => {
      if (rule.table !== table) return;
      text.push(`-A ${rule.chain} ${separator(index)}`, `-A ${rule.chain} ${rule.text}`);
      lines[index] = text.length;
    });
    text.push('COMMIT');
  }
  return { text: `${text.join('\n')}\n`, lines };
}

function verdicts(rules: readonly GeneratedRule[], save: string, said: string): readonly Verdict[] {
  const saved: string[][] = rules.map(() => []);
  const current = new Map<string, string[]>();
  for (const line of save.split('\n')) {
    if (line.startsWith('*')) current.clear();
    if (!line.startsWith('-A ')) continue;
    const chain = line.slice(3, line.indexOf(' ', 3));
    const mark = /^-A \S+ -m comment --comment rule-(\d+)$/.exec(line);
    if (mark === null) current.get(chain)?.push(line);
    else current.set(chain, saved[Number(mark[1])] ?? []);
  }
  return saved.map((lines) => ({ saved: lines, said, lacking: false }));
}
