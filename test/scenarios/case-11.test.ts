/** Case 11, an unknown field in kube-proxy's configuration: structured, as a ticket, healthy, with one input taken away, and mended. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSnapshot } from '@coldtrace/bundle';
import { positionAt, type Snapshot } from '@coldtrace/core';
import { analyze, type Finding } from '@coldtrace/rules';
import { afterAll, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../samples/11-kube-proxy-config-invalid', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'coldtrace-case-11-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const rule = 'kube-proxy-config-invalid';
const found = (snapshot: Snapshot): Finding | undefined =>
  analyze(snapshot).findings.find((finding) => finding.rule === rule && finding.subject === 'iptables.masqueradeAl');

/** A copy of the bad capture, changed. */
function changed(name: string, change: (copy: string) => void): string {
  const copy = join(scratch, name);
  cpSync(join(folder, 'bad'), copy, { recursive: true });
  change(copy);
  return copy;
}

describe('an unknown field in the ConfigMap', () => {
  it('is ranked first, proven, with its line and column', async () => {
    const snapshot = await readSnapshot(join(folder, 'bad'));
    const [first] = analyze(snapshot).findings;
    expect(first).toMatchObject({
      rule,
      severity: 'warning',
      certainty: 'proven',
      data: { path: 'iptables.masqueradeAl' },
    });
    const [evidence] = first?.evidence ?? [];
    const file = evidence === undefined ? undefined : snapshot.files[evidence.span.file];
    expect(file?.name).toBe('kubernetes/kube-proxy-configmap.yaml');
    expect(file === undefined || evidence === undefined ? null : positionAt(file, evidence.span.start)).toEqual({
      line: 23,
      column: 7,
    });
    expect(first?.message).toContain('masqueradeAll is meant');
    expect(first?.message).toContain('must be true or false');
  });

  it('is an error where kube-proxy is too old to go on', async () => {
    const old = changed('old', (copy) => {
      rmSync(join(copy, 'node-1/kube-proxy.log'));
      const path = join(copy, 'kubernetes/kube-proxy-daemonset.yaml');
      writeFileSync(path, readFileSync(path, 'utf8').replace('v1.17.3', 'v1.16.15'));
    });
    expect(found(await readSnapshot(old))).toMatchObject({ severity: 'error', certainty: 'proven' });
  });

  it('is reached from the ticket, and called likely', async () => {
    expect(found(await readSnapshot(join(folder, 'ticket.txt')))).toMatchObject({
      severity: 'warning',
      certainty: 'likely',
    });
  });

  it('is not found in the healthy twin', async () => {
    expect(analyze(await readSnapshot(join(folder, 'healthy'))).findings).toEqual([]);
  });
});

describe('with an input taken away', () => {
  it('without log and image the version of the kubelet is an assumption', async () => {
    const copy = changed('kubelet-only', (path) => {
      rmSync(join(path, 'node-1/kube-proxy.log'));
      rmSync(join(path, 'kubernetes/kube-proxy-daemonset.yaml'));
    });
    expect(found(await readSnapshot(copy))).toMatchObject({
      severity: 'warning',
      certainty: 'likely',
      assumptions: ['kube-proxy has the version of the kubelet'],
    });
  });

  it('without any version what follows is open', async () => {
    const copy = changed('no-version', (path) => {
      rmSync(join(path, 'node-1/kube-proxy.log'));
      rmSync(join(path, 'kubernetes/kube-proxy-daemonset.yaml'));
      rmSync(join(path, 'kubernetes/nodes.txt'));
    });
    expect(found(await readSnapshot(copy))?.certainty).toBe('likely');
  });

  it('without the ConfigMap the log line alone makes it likely, and the ConfigMap is asked for', async () => {
    const copy = changed('no-map', (path) => rmSync(join(path, 'kubernetes/kube-proxy-configmap.yaml')));
    const snapshot = await readSnapshot(copy);
    expect(found(snapshot)?.certainty).toBe('likely');
    expect(analyze(snapshot).notEvaluated).toContainEqual(
      expect.objectContaining({ rule, needs: ['kube-proxy-config'] }),
    );
  });
});

describe('the fix', () => {
  it('is the captured ConfigMap with the field put right: applied, the finding is gone', async () => {
    const fix = found(await readSnapshot(join(folder, 'bad')))?.fix;
    const [, yaml = ''] = /<<'EOF'\n([\s\S]*)\nEOF$/.exec(fix?.steps[0]?.command ?? '') ?? [];
    const mended = changed('mended', (copy) => {
      writeFileSync(join(copy, 'kubernetes/kube-proxy-configmap.yaml'), `${yaml}\n`);
      // What kube-proxy said before it was restarted.
      rmSync(join(copy, 'node-1/kube-proxy.log'));
    });
    expect(analyze(await readSnapshot(mended)).findings).toEqual([]);
    expect(yaml).toBe(readFileSync(join(folder, 'healthy/kubernetes/kube-proxy-configmap.yaml'), 'utf8').trimEnd());
  });
});
