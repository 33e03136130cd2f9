/** Whether this machine can answer for the kernel: root, the tools, and network namespaces to make: unshare(1). */
import { execFileSync, spawnSync } from 'node:child_process';

/** One sentence, or undefined when nothing is lacking. */
export function whatIsLacking(tools: readonly string[]): string | undefined {
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
