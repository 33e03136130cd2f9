/**
 * The one gate in front of tests that ask the kernel. On a laptop without root or the tools they are left out with
 * one line that says why; where `CI` is set that would hide a regression, so it is an error there.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { describe } from 'vitest';

/** What nearly every kernel test needs. */
const TOOLS = ['unshare', 'ip', 'ipset', 'iptables-legacy-restore', 'iptables-nft-restore'] as const;

/** Runs `body` as a suite when this machine can answer for the kernel. `more` names tools beyond the usual ones. */
export function describeKernel(name: string, body: () => void, more: readonly string[] = []): void {
  const lacking = whatIsLacking([...TOOLS, ...more]);
  if (lacking === undefined) {
    describe(name, body);
    return;
  }
  if (process.env['CI']) throw new Error(`kernel tests "${name}" cannot run: ${lacking}`);
  console.warn(`kernel tests "${name}" are left out: ${lacking}`);
  describe.skip(name, body);
}

/** One sentence, or undefined when nothing is lacking. */
export function whatIsLacking(tools: readonly string[] = TOOLS): string | undefined {
  if (process.platform !== 'linux') return `${process.platform} is not Linux`;
  if (process.getuid?.() !== 0) return 'root is needed to make network namespaces';
  const absent = tools.filter((tool) => !onPath(tool));
  if (absent.length > 0) return `not installed: ${absent.join(', ')}`;
  if (spawnSync('unshare', ['-n', 'true']).status !== 0) return 'this machine refuses new network namespaces';
  return undefined;
}

function onPath(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v -- "$1"', 'sh', tool], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
