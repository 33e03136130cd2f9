/** Whether this machine can answer for the kernel: root, the tools, and network namespaces to make: unshare(1). */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One sentence, or undefined when nothing is lacking. */
export function whatIsLacking(tools: readonly string[]): string | undefined {
  if (process.platform !== 'linux') return `${process.platform} is not Linux`;
  if (process.getuid?.() !== 0) return 'root is needed to make network namespaces';
  const absent = tools.filter((tool) => !onPath(tool));
  if (absent.length > 0) return `not installed: ${absent.join(', ')}`;
  if (spawnSync('unshare', ['-n', 'true']).status !== 0) return 'this machine refuses new network namespaces';
  if (tools.includes('linux.uml') && !secondKernelRuns())
    return 'user-mode-linux does not run here: this processor has more registers than it can hold (AMX)';
  return undefined;
}

/** Its first process dies where saving the processor's registers takes more room than it has (arch/x86/um put_fp_registers), which a boot shows in two seconds. */
function secondKernelRuns(): boolean {
  if (!readFileSync('/proc/cpuinfo', 'utf8').includes(' amx_tile ')) return true;
  const home = mkdtempSync(join(tmpdir(), 'second-kernel-'));
  const words = [
    'mem=64M',
    'root=/dev/root',
    'rootfstype=hostfs',
    'ro',
    'init=/bin/true',
    'con=null',
    'con0=null,fd:1',
  ];
  const env = { PATH: process.env['PATH'], HOME: home, TMPDIR: home };
  const { stdout, stderr } = spawnSync('linux.uml', [...words, 'quiet', 'panic=-1'], {
    encoding: 'utf8',
    env,
    timeout: 30_000,
  });
  rmSync(home, { recursive: true, force: true });
  return `${stdout}${stderr}`.includes('exitcode=0x00000000');
}

function onPath(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v -- "$1"', 'sh', tool], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
