/**
 * Boots a second Linux beside the machine's own and runs shell text in it: user-mode-linux, an ordinary process with ip_vs, dummy and ipip.
 * https://docs.kernel.org/virt/uml/user_mode_linux_howto_v2.html
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** With the registers of AMX the kernel needs help to come up: whole-registers.c. */
const hasTiles = /\bamx_tile\b/.test(readOr('/proc/cpuinfo', ''));

/** What a boot itself calls; the experiments name what they need beyond it. */
export const BOOT_TOOLS: readonly string[] = ['linux.uml', 'modprobe', 'unshare', 'ip', ...(hasTiles ? ['cc'] : [])];

export interface SecondKernelRun {
  /** Shell text; its working directory is the one shared with the host, and a failing command ends it. */
  readonly script: string;
  /** Files laid into the shared directory before the boot. */
  readonly files?: ReadonlyMap<string, string>;
  readonly timeoutSeconds: number;
}

const MEMORY = '512M';

/** The guest ends itself when its time is over; should it hang, its processes are ended so much later. */
const GRACE_SECONDS = 20;

/**
 * The files of the shared directory after the run, by name. The guest's root is the host's, read-only: what it writes elsewhere goes to memory.
 * Throws, with the end of the console, when the kernel does not come up, the script fails, or time is over.
 */
export function inSecondKernel(run: SecondKernelRun): ReadonlyMap<string, string> {
  const home = mkdtempSync(join(tmpdir(), 'second-kernel-'));
  try {
    const shared = join(home, 'shared');
    mkdirSync(shared);
    for (const [name, text] of run.files ?? []) writeFileSync(join(shared, name), text);
    writeFileSync(join(shared, 'script'), run.script);
    writeFileSync(join(home, 'init'), initScript(shared, run.timeoutSeconds), { mode: 0o755 });
    const console = boot(home, run.timeoutSeconds);
    const status = readOr(join(shared, 'status'), '').trim();
    if (status !== '0') {
      const said = ['errors', 'output'].map((name) => readOr(join(shared, name), '').trim().slice(-2000)).join('\n');
      throw new Error(`the second kernel's script ended with "${status}": ${said}\n${console.slice(-4000)}`);
    }
    return new Map(readdirSync(shared).map((name) => [name, readFileSync(join(shared, name), 'utf8')]));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** The console's text. The kernel keeps its memory in a file of `home`, which may be anywhere that files may be mapped as code. */
function boot(home: string, timeoutSeconds: number): string {
  const words = [
    `mem=${MEMORY}`,
    'root=/dev/root',
    'rootfstype=hostfs',
    'ro',
    `init=${join(home, 'init')}`,
    'con=null',
    'con0=null,fd:1',
    'quiet',
    'panic=-1',
  ];
  const run = spawnSync('linux.uml', words, {
    encoding: 'utf8',
    timeout: (timeoutSeconds + GRACE_SECONDS) * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: home, ...(hasTiles ? { LD_PRELOAD: withTiles(home) } : {}) },
  });
  const console = `${run.stdout}${run.stderr}`;
  if (run.error !== undefined) end(run.pid);
  if (run.error !== undefined) throw new Error(`linux.uml: ${run.error.message}\n${console.slice(-4000)}`);
  return console;
}

/** The library, built in `home`. */
function withTiles(home: string): string {
  const library = join(home, 'whole-registers.so');
  const source = fileURLToPath(new URL('whole-registers.c', import.meta.url));
  const built = spawnSync('cc', ['-shared', '-fPIC', '-nostdlib', '-o', library, source], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`cc: ${built.error?.message ?? built.stderr}`);
  return library;
}

/** Its processes are one group, which the kernel made its first one lead. */
function end(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** The modules lie where the package puts them, and modprobe, whether a tool or the kernel calls it, looks below /lib/modules, which the host may not have. */
function initScript(shared: string, seconds: number): string {
  return [
    '#!/bin/sh',
    `export PATH='${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin' LC_ALL=C`,
    'mount -t proc proc /proc',
    'mount -t sysfs sysfs /sys',
    `mount -t hostfs none /mnt -o '${shared}'`,
    'for place in /run /tmp /var/tmp; do mount -t tmpfs tmpfs $place; done',
    'mkdir -p /var/tmp/modules/lib/modules',
    'ln -s "/usr/lib/uml/modules/$(uname -r)" "/var/tmp/modules/lib/modules/$(uname -r)"',
    "export MODPROBE_OPTIONS='-d /var/tmp/modules'",
    `printf '#!/bin/sh\\nexec modprobe -d /var/tmp/modules "$@"\\n' >/var/tmp/modprobe`,
    'chmod +x /var/tmp/modprobe',
    'echo /var/tmp/modprobe >/proc/sys/kernel/modprobe',
    'ip link set lo up',
    'cd /mnt || echo o >/proc/sysrq-trigger',
    `(sleep ${seconds}; echo 'time is over' >>errors; echo late >status; sync; echo o >/proc/sysrq-trigger) &`,
    'sh -e ./script >output 2>errors',
    'echo $? >status',
    'sync',
    'echo o >/proc/sysrq-trigger',
    'sleep 60',
    '',
  ].join('\n');
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
