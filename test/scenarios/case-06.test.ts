/** Case 6, pod addresses leaked by host-local: structured, as a ticket, healthy, with one input taken away, and mended. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSnapshot } from '@coldtrace/bundle';
import { lineText, positionAt } from '@coldtrace/core';
import { analyze } from '@coldtrace/rules';
import { afterAll, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../samples/06-pod-addresses-leaked', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'coldtrace-case-06-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const rule = 'pod-addresses-leaked';
const report = async (path: string) => analyze(await readSnapshot(path));

function changed(name: string, change: (copy: string) => void): string {
  const copy = join(scratch, name);
  cpSync(join(folder, 'bad'), copy, { recursive: true });
  change(copy);
  return copy;
}

/** What is left of the reservations when the paths that the fix removes are gone. */
function without(listing: string, removed: ReadonlySet<string>): string {
  const blocks = listing.split(/^(?===> )/m);
  return blocks.filter((block) => !removed.has(/^==> (\S+) <==/.exec(block)?.[1] ?? '')).join('');
}

describe('leaked reservations', () => {
  it('are ranked first, proven, each cited where it stands, with the full subnet below', async () => {
    const snapshot = await readSnapshot(join(folder, 'bad'));
    const [first, ...others] = analyze(snapshot).findings;
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      rule,
      severity: 'error',
      certainty: 'proven',
      node: 'node-1',
      data: { leaked: 241, reserved: 253, usable: 253, subnet: '10.244.1.0/24' },
    });
    const [evidence] = first?.evidence ?? [];
    const file = evidence === undefined ? undefined : snapshot.files[evidence.span.file];
    const line = file === undefined || evidence === undefined ? 0 : positionAt(file, evidence.span.start).line;
    expect(file === undefined ? '' : lineText(file, line - 2)).toBe('==> /var/lib/cni/networks/cbr0/10.244.1.3 <==');
    expect(first?.symptoms.map((symptom) => symptom.rule)).toEqual(['pod-addresses-exhausted']);
    expect(first?.fix?.notes).toContain('rm -rf /var/lib/cni/flannel/ frees nothing');
  });

  it('are seen in the ticket, and called likely since it shows a part', async () => {
    const [first] = (await report(join(folder, 'ticket.txt'))).findings;
    expect(first).toMatchObject({ rule, severity: 'error', certainty: 'likely', data: { leaked: 2 } });
  });

  it('are not found in the healthy twin', async () => {
    expect((await report(join(folder, 'healthy'))).findings).toEqual([]);
  });
});

describe('with an input taken away', () => {
  it('without what runs it is not evaluated, and asked for', async () => {
    const { findings, notEvaluated } = await report(
      changed('no-pods', (copy) => rmSync(join(copy, 'node-1/crictl-pods.txt'))),
    );
    expect(findings.map((finding) => finding.rule)).toEqual(['pod-addresses-exhausted']);
    expect(notEvaluated).toContainEqual(expect.objectContaining({ rule, needs: ['crictl-pods'] }));
  });

  it('without the reservations the log line alone says that addresses are used up', async () => {
    const { findings, notEvaluated } = await report(
      changed('no-files', (copy) => rmSync(join(copy, 'node-1/cni-networks.txt'))),
    );
    expect(findings).toMatchObject([{ rule: 'pod-addresses-exhausted', certainty: 'likely' }]);
    expect(notEvaluated).toContainEqual(expect.objectContaining({ rule, needs: ['cni-networks'] }));
  });
});

describe('the fix', () => {
  it('removes the leaked files and no other: nothing is left to find', async () => {
    const [first] = (await report(join(folder, 'bad'))).findings;
    const removed = new Set([...(first?.fix?.steps[0]?.command ?? '').matchAll(/\/var\/\S+/g)].map(([path]) => path));
    expect(removed.size).toBe(241);
    const mended = changed('mended', (copy) => {
      const path = join(copy, 'node-1/cni-networks.txt');
      writeFileSync(path, without(readFileSync(path, 'utf8'), removed));
      rmSync(join(copy, 'node-1/kubelet.log'));
    });
    expect((await report(mended)).findings).toEqual([]);
    const held = readFileSync(join(folder, 'healthy/node-1/cni-networks.txt'), 'utf8').match(/10\.244\.1\.\d+ <==/g);
    expect(readFileSync(join(mended, 'node-1/cni-networks.txt'), 'utf8').match(/10\.244\.1\.\d+ <==/g)).toEqual(held);
  });
});
