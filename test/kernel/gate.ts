/**
 * The one gate in front of tests that ask the kernel. On a laptop without root or the tools they are left out with
 * one line that says why; where `CI` is set that would hide a regression, so it is an error there.
 */
import { describe } from 'vitest';
import { whatIsLacking } from './lacking.js';

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
