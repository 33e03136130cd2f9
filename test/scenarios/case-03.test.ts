/** Case 3, a serving certificate lacks the node's address: structured, as a ticket, healthy, with any one input taken away, changed and mended. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSnapshot } from '@coldtrace/bundle';
import { lineText, positionAt, type Snapshot } from '@coldtrace/core';
import { applyText } from '@coldtrace/parsers';
import { analyze, type Finding } from '@coldtrace/rules';
import { afterAll, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../samples/03-cert-san-lacks-address', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'coldtrace-case-03-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const rule = 'cert-san-lacks-address';
const found = (snapshot: Snapshot): Finding | undefined =>
  analyze(snapshot).findings.find((finding) => finding.rule === rule);

/** A copy of the bad capture, changed. */
function changed(name: string, change: (copy: string) => void): string {
  const copy = join(scratch, name.replace(/\W/g, '-'));
  cpSync(join(folder, 'bad'), copy, { recursive: true });
  change(copy);
  return copy;
}

function edit(copy: string, file: string, change: (text: string) => string): void {
  const path = join(copy, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

function citedLines(snapshot: Snapshot, finding: Finding | undefined): readonly string[] {
  return (finding?.evidence ?? []).flatMap(({ span }) => {
    const file = snapshot.files[span.file];
    return file === undefined ? [] : [`${file.name}: ${lineText(file, positionAt(file, span.start).line - 1).trim()}`];
  });
}

describe('a certificate that is put in place of the captured one', () => {
  const path = '/var/lib/rancher/k3s/agent/serving-kubelet.crt';
  const shown = (capture: string) => {
    const listing = readFileSync(join(folder, capture, 'gw/certificates.txt'), 'utf8');
    return (
      listing
        .split(/^(?=\/)/m)
        .find((part) => part.startsWith(path))
        ?.slice(path.length + 1) ?? ''
    );
  };

  it.each([
    ['with the address, the fault is gone and only the log line is left', 'healthy', 'info'],
    ['without it, nothing changes', 'bad', 'error'],
  ])('%s', async (_sentence, capture, severity) => {
    const text = `@node gw\n@file ${path} <<'EOF'\n${shown(capture)}EOF\n`;
    const { snapshot, problems } = applyText(await readSnapshot(join(folder, 'bad')), text);
    expect(problems).toEqual([]);
    expect(found(snapshot)?.severity).toBe(severity);
  });
});

describe('the certificate of the gateway’s kubelet', () => {
  it('is the first finding, proven, with the lines that prove it', async () => {
    const snapshot = await readSnapshot(join(folder, 'bad'));
    const [first, ...others] = analyze(snapshot).findings;
    expect(first).toMatchObject({
      rule,
      severity: 'error',
      certainty: 'proven',
      node: 'gw',
      data: { address: '192.168.3.123', port: 10250, names: '127.0.0.1, 172.29.1.100' },
    });
    expect(others.filter(({ severity }) => severity !== 'info')).toEqual([]);
    const lines = citedLines(snapshot, first);
    expect(lines).toContain(
      'gw/certificates.txt: DNS:gw, DNS:localhost, IP Address:127.0.0.1, IP Address:172.29.1.100',
    );
    expect(lines).toContain('kubernetes/nodes.yaml: - address: 192.168.3.123');
    expect(lines.join('\n')).toContain('inet 192.168.3.123/24');
    expect(lines.join('\n')).toContain('not 192.168.3.123');
    expect(first?.message).toContain('node-ip is not pinned');
    expect(first?.evidence.map(({ why }) => why).join()).toContain('two readings of one address');
  });

  it('is reached from the ticket by its wrapped message, and the pasted certificate is told apart', async () => {
    const snapshot = await readSnapshot(join(folder, 'ticket.txt'));
    const report = analyze(snapshot);
    const finding = found(snapshot);
    expect(finding).toMatchObject({
      severity: 'error',
      certainty: 'likely',
      data: { names: '127.0.0.1, 172.29.1.100' },
    });
    const whys = finding?.evidence.map(({ why }) => why).join();
    expect(whys).toContain('serving-kube-apiserver.crt is another certificate than the one presented at port 10250');
    expect(whys).toContain('172.29.10.100 here, 172.29.1.100 in the log line');
    expect(report.notEvaluated).toContainEqual(
      expect.objectContaining({ rule, needs: expect.arrayContaining(['certificates', 'k3s-config']) }),
    );
  });

  it('is right in the healthy twin', async () => {
    expect(analyze(await readSnapshot(join(folder, 'healthy'))).findings).toEqual([]);
  });
});

describe('with one input taken away', () => {
  it.each(['gw/certificates.txt', 'gw/ip-addr.txt', 'gw/k3s-config.yaml', 'gw/k3s-unit.txt', 'kubernetes/nodes.yaml'])(
    'without %s it is not proven, and asked for',
    async (file) => {
      const snapshot = await readSnapshot(changed(`without-${file}`, (copy) => rmSync(join(copy, file))));
      const finding = found(snapshot);
      expect(finding?.certainty).toBe('likely');
      expect(finding?.assumptions.length).toBeGreaterThan(0);
      if (file !== 'kubernetes/nodes.yaml') {
        const [name = ''] = /[^/]+(?=\.\w+$)/.exec(file) ?? [];
        const asked = analyze(snapshot).notEvaluated.filter((row) => row.rule === rule && row.node === 'gw');
        expect(new Set(asked.flatMap(({ needs }) => needs))).toEqual(new Set([name]));
      }
    },
  );

  it('without the message it is still proven, and without the certificate too nothing is said', async () => {
    const quiet = changed('quiet', (copy) => rmSync(join(copy, 'gw/kubectl-logs.log')));
    expect(found(await readSnapshot(quiet))?.certainty).toBe('proven');
    rmSync(join(quiet, 'gw/certificates.txt'));
    const report = analyze(await readSnapshot(quiet));
    expect(report.findings).toEqual([]);
    expect(report.notEvaluated).toContainEqual(expect.objectContaining({ rule, node: 'gw', needs: ['certificates'] }));
  });
});

describe('a decisive line changed', () => {
  it('the certificate with the address: what is left is an old message', async () => {
    const copy = changed('renewed', (path) =>
      edit(path, 'gw/certificates.txt', (text) => text.replace('IP Address:172.29.1.100', 'IP Address:192.168.3.123')),
    );
    expect(found(await readSnapshot(copy))).toMatchObject({ severity: 'info', certainty: 'possible' });
    rmSync(join(copy, 'gw/kubectl-logs.log'));
    expect(analyze(await readSnapshot(copy)).findings).toEqual([]);
  });

  it('the Service range: the certificate of the API server lacks its first address too', async () => {
    const copy = changed('range', (path) =>
      edit(path, 'gw/k3s-config.yaml', (text) => `${text}service-cidr: 10.96.0.0/16\n`),
    );
    const subjects = analyze(await readSnapshot(copy)).findings.map(({ subject, certainty }) => [subject, certainty]);
    expect(subjects).toEqual([
      ['10.96.0.1 serving-kube-apiserver.crt', 'proven'],
      ['192.168.3.123 10250', 'proven'],
    ]);
  });

  it('node-ip pinned on the command line to the former address: it is said where', async () => {
    const copy = changed('pinned', (path) =>
      edit(path, 'gw/k3s-unit.txt', (text) =>
        text.replace('server \\', "server \\\n    '--node-ip' \\\n    '172.29.1.100' \\"),
      ),
    );
    const snapshot = await readSnapshot(copy);
    expect(found(snapshot)?.message).toContain('node-ip is pinned to 172.29.1.100');
    expect(citedLines(snapshot, found(snapshot)).join('\n')).toContain("'--node-ip' \\");
  });
});

describe('the fix', () => {
  it('writes the configuration of the healthy twin; with what k3s then issues, nothing is left to find', async () => {
    const fix = found(await readSnapshot(join(folder, 'bad')))?.fix;
    const [, written = ''] = /<<'EOF'\n([\s\S]*)\nEOF$/.exec(fix?.steps[0]?.command ?? '') ?? [];
    expect(`${written}\n`).toBe(readFileSync(join(folder, 'healthy/gw/k3s-config.yaml'), 'utf8'));
    expect(fix?.steps.map(({ node }) => node)).toEqual(['gw', 'gw', 'gw']);
    expect(fix?.steps.every(({ disrupts, undo }) => disrupts !== '' && undo !== '')).toBe(true);
    expect(fix).toMatchObject({
      verified: null,
      persist: expect.stringContaining('node-ip'),
      notes: expect.stringContaining('Not simulated'),
    });
    const mended = changed('mended', (copy) => {
      writeFileSync(join(copy, 'gw/k3s-config.yaml'), `${written}\n`);
      cpSync(join(folder, 'healthy/gw/certificates.txt'), join(copy, 'gw/certificates.txt'));
      rmSync(join(copy, 'gw/kubectl-logs.log'));
    });
    expect(analyze(await readSnapshot(mended)).findings).toEqual([]);
  });
});
