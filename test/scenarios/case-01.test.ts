/** Case 1, Calico pool overlaps the host network: structured, as a ticket, healthy, and with any one dump taken away. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSnapshot } from '@coldtrace/bundle';
import { lineText, positionAt, type Snapshot } from '@coldtrace/core';
import { analyze, type Finding } from '@coldtrace/rules';
import { afterAll, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../samples/01-ippool-overlaps-host-network', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'coldtrace-case-01-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const rule = 'ippool-overlaps-host-network';
const found = (snapshot: Snapshot): Finding | undefined =>
  analyze(snapshot).findings.find((finding) => finding.rule === rule);

function citedLines(snapshot: Snapshot, finding: Finding | undefined): readonly string[] {
  return (finding?.evidence ?? []).flatMap(({ span }) => {
    const file = snapshot.files[span.file];
    return file === undefined ? [] : [`${file.name}: ${lineText(file, positionAt(file, span.start).line - 1).trim()}`];
  });
}

describe('structured input', () => {
  it('is ranked first, proven, with the lines that prove it', async () => {
    const snapshot = await readSnapshot(join(folder, 'bad'));
    const [first] = analyze(snapshot).findings;
    expect(first).toMatchObject({ rule, severity: 'error', certainty: 'proven', node: 'node-1' });
    const lines = citedLines(snapshot, first).join('\n');
    expect(lines).toContain('! --match-set cali40all-ipam-pools dst -j MASQUERADE');
    expect(lines).toContain('node-1/ipset-list.txt: 192.168.0.0/16');
    expect(lines).toContain('inet 192.168.21.12/24');
    expect(first?.path.map(({ stage }) => stage)).toEqual(
      expect.arrayContaining(['nat/PREROUTING', 'routing', 'nat/POSTROUTING', 'socket']),
    );
  });

  it('reads the same from a tarball', async () => {
    const archive = join(scratch, 'bad.tar.gz');
    execFileSync('tar', ['-czf', archive, '-C', folder, 'bad']);
    expect(found(await readSnapshot(archive))).toMatchObject({ severity: 'error', certainty: 'proven' });
  });
});

describe('other worlds', () => {
  it('is silent on the healthy twin', async () => {
    expect(analyze(await readSnapshot(join(folder, 'healthy'))).findings).toEqual([]);
  });

  it('is a warning where routes bring the answers back', async () => {
    expect(found(await readSnapshot(join(folder, 'routed')))).toMatchObject({
      severity: 'warning',
      certainty: 'proven',
    });
  });

  it('is seen in the pasted ticket, and not called proven', async () => {
    const finding = found(await readSnapshot(join(folder, 'ticket.txt')));
    expect(finding).toMatchObject({ severity: 'error', certainty: 'likely' });
    expect(finding?.assumptions.length).toBeGreaterThan(0);
    const way = finding?.path.map(({ what }) => what).join('\n');
    expect(way, 'what is shown is the call that the message tells of').toContain('192.168.21.11 goes dev ens192');
    expect(way).not.toContain('source becomes');
  });
});

describe('with one dump taken away', () => {
  const needed = [
    'iptables-save.txt',
    'ipset-list.txt',
    'ip-addr.txt',
    'ip-route.txt',
    'ip-rule.txt',
    'sysctl.txt',
    'ip-neigh.txt',
  ];

  it.each(needed)('without %s of node-1 it is no longer proven, or not evaluated', async (dump) => {
    const copy = join(scratch, `without-${dump}`);
    cpSync(join(folder, 'bad'), copy, { recursive: true });
    rmSync(join(copy, 'node-1', dump));
    const snapshot = await readSnapshot(copy);
    const report = analyze(snapshot);
    const finding = report.findings.find((candidate) => candidate.rule === rule);
    if (finding === undefined)
      expect(report.notEvaluated.map(({ collect }) => collect).join()).toMatch(/iptables-save|ipset list|ip addr/);
    else expect(finding.certainty).not.toBe('proven');
  });

  it.each(['iptables-save.txt', 'ip-route.txt'])('without %s of the master it is no longer proven', async (dump) => {
    const copy = join(scratch, `master-without-${dump}`);
    cpSync(join(folder, 'bad'), copy, { recursive: true });
    rmSync(join(copy, 'master-1', dump));
    expect(found(await readSnapshot(copy))?.certainty).not.toBe('proven');
  });
});
