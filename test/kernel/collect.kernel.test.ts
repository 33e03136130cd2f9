/** `coldtrace collect` on a real node: the script runs under every POSIX shell at hand, and all that it leaves is read back. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSnapshot } from '@coldtrace/bundle';
import type { Snapshot } from '@coldtrace/core';
import { afterAll, expect, it } from 'vitest';
import { collectScript } from '../../packages/cli/src/commands/collect.js';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';

const NODE = `
hostname collect-1
ip link set lo up
ip link add eth0 type veth peer name peer0
ip addr add 10.7.0.2/24 dev eth0
ip link set eth0 up
ip link set peer0 up
ip route add default via 10.7.0.1
ip neigh add 10.7.0.1 lladdr 02:00:00:00:00:01 dev eth0
iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT
iptables-legacy -A INPUT -j ACCEPT
ipset create pods hash:ip
ipset add pods 10.7.0.9
`;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The folder and the archive that the script leaves. `lacking`: a command that this node does not have; `instead`: what stands for one. */
function collect(
  shell: string,
  lacking: string | null,
  instead: Readonly<Record<string, string>> = {},
): { readonly folder: string; readonly archive: string } {
  const work = mkdtempSync(join(tmpdir(), 'coldtrace-collect-'));
  folders.push(work);
  writeFileSync(join(work, 'collect.sh'), collectScript());
  const hide = lacking === null ? '' : `mount --bind /dev/null "$(readlink -f "$(command -v ${lacking})")"`;
  const stubs = Object.entries(instead).map(([name, text]) => {
    writeFileSync(join(work, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return `mount --bind ${join(work, name)} "$(readlink -f "$(command -v ${name})")"`;
  });
  const printed = inNetns(
    `unshare --uts sh -e <<'NODE'\n${NODE}\n${[hide, ...stubs].join('\n')}\ncd ${work}\n${shell} collect.sh\nNODE`,
  ).trim();
  const archive = printed.split('\n').at(-1) ?? '';
  return { folder: join(work, archive.replace('.tar.gz', '')), archive: join(work, archive) };
}

const formats = (snapshot: Snapshot) =>
  Object.fromEntries(
    snapshot.read.map(({ file, sections }) => [
      (snapshot.files[file]?.name ?? '').replace(/^.*\//, ''),
      [...new Set(sections.map(({ format }) => format))].join(),
    ]),
  );

describeKernel('coldtrace collect', () => {
  it.each(['dash', 'busybox sh', 'bash --posix'])('runs under %s, and every file is recognised', async (shell) => {
    const { folder, archive } = collect(shell, null);
    const snapshot = await readSnapshot(archive);
    const read = formats(snapshot);
    const failed = Object.keys(read).filter((name) => name.endsWith('.failed'));
    for (const [name, format] of Object.entries(read)) {
      if (!failed.includes(name)) expect([name, format]).toEqual([name, expect.stringMatching(/^[a-z0-9-]+$/)]);
    }
    // A kernel without a module cannot tell, bpftool is seldom installed, and a machine without pods or k3s has no files of theirs; nothing else may fail.
    const mayFail =
      /^(?:ipvsadm(?:-connections)?|conntrack|ip-xfrm|bpftool-net|cni-networks|crictl-pods|subnet|docker|certificates|public-keys|k3s-config|k3s-unit)\./;
    expect(failed.filter((name) => !mayFail.test(name))).toEqual([]);
    const [node] = snapshot.nodes;
    expect([node?.name, snapshot.nodes.length]).toEqual(['collect-1', 1]);
    expect(node?.host.routes.state).toBe('complete');
    expect(node?.host.ipsets.rows.map(({ name }) => name)).toEqual(['pods']);
    expect(node?.host.addresses.rows.length).toBeGreaterThan(1);
    expect(node?.date).not.toBeNull();
    // The warning that legacy tables are present stands on stderr, and must not be lost.
    expect(snapshot.files.some(({ text }) => text.includes('iptables-legacy tables present'))).toBe(true);
    expect(formats(await readSnapshot(folder))).toEqual(read);
  });

  it('IPVS without a virtual server is an empty table, and not one that was not collected', async () => {
    const { archive } = collect('dash', null, {
      ipvsadm: `[ "$1" = -Ln ] || exit 0
echo 'IP Virtual Server version 1.2.1 (size=4096)'
echo 'Prot LocalAddress:Port Scheduler Flags'
echo '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn'`,
    });
    const [node] = (await readSnapshot(archive)).nodes;
    expect([node?.host.ipvs.state, node?.host.ipvs.rows]).toEqual(['complete', []]);
  });

  it('a command that the node lacks is not collected, never empty', async () => {
    const { folder, archive } = collect('dash', 'ipset');
    expect(readdirSync(folder)).toContain('ipset-list.txt.failed');
    const [node] = (await readSnapshot(archive)).nodes;
    expect(node?.host.ipsets.state).toBe('absent');
    expect(node?.failures.map(({ message }) => message).join()).toMatch(/ipset/);
  });
}, ['dash', 'busybox', 'bash', 'hostname', 'tar', 'nft', 'ss']);
