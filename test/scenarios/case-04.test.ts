/** Case 4, k3s authorities replaced in part: structured, as a ticket, healthy, with any one input taken away, changed and mended. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSnapshot } from '@coldtrace/bundle';
import { analyze, type Finding } from '@coldtrace/rules';
import { afterAll, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../samples/04-k3s-authorities-inconsistent', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'coldtrace-case-04-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const rule = 'k3s-authorities-inconsistent';
const tls = 'server-1/var/lib/rancher/k3s/server/tls';
const agent = 'agent-1/var/lib/rancher/k3s/agent';

const report = async (path: string) => analyze(await readSnapshot(path));
const found = async (path: string): Promise<readonly Finding[]> =>
  (await report(path)).findings.filter((finding) => finding.rule === rule);
const told = (findings: readonly Finding[]) =>
  findings.map(({ subject, certainty }) => `${subject}: ${certainty}`).sort();

const today = execFileSync('date', ['-u', '-d', '+1 hour'], {
  encoding: 'utf8',
  env: { ...process.env, LC_ALL: 'C' },
});

const all = [
  'missing request-header-ca: proven',
  'stale client-ca: proven',
  'stale server-ca: proven',
  'unfit client-ca.crt: proven',
];

function changed(from: 'several' | 'healthy', name: string, change: (copy: string) => void): string {
  const copy = join(scratch, `${from}-${name.replace(/\W/g, '-')}`);
  cpSync(join(folder, from), copy, { recursive: true });
  // What a test makes now is younger than the committed capture, and has other keys.
  for (const node of ['server-1', 'agent-1']) {
    writeFileSync(join(copy, node, 'date.txt'), today);
    rmSync(join(copy, node, 'public-keys.txt'));
  }
  change(copy);
  return copy;
}

const openssl = (...args: readonly string[]) =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });

/** Another authority of the same name, and the key that is not kept. */
function sameName(path: string): void {
  const subject = openssl('x509', '-in', path, '-noout', '-subject', '-nameopt', 'compat')
    .replace('subject=', '')
    .trim();
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    join(scratch, 'key'),
    '-out',
    path,
    '-subj',
    subject,
    '-days',
    '99',
  );
}

describe('authorities replaced in part', () => {
  it('are the first findings, proven, one for each authority, with who signed what', async () => {
    const { findings } = await report(join(folder, 'several'));
    expect(findings[0]).toMatchObject({ rule, severity: 'error', certainty: 'proven', node: 'server-1' });
    expect(told(findings)).toEqual(all);
    const server = findings.find(({ subject }) => subject === 'stale server-ca');
    const whys = server?.evidence.map(({ why }) => why).join('\n');
    expect(whys).toMatch(/^serving-kubelet.crt of agent-1: signed by k3s-server-ca@\d+, which is not there$/m);
    expect(whys).toContain('k3s.yaml of server-1 holds another server-ca');
    expect(whys).toContain('agent/server-ca.crt of agent-1 holds another server-ca');
  });

  it.each([
    ['bad', 'stale server-ca'],
    ['missing', 'missing request-header-ca'],
    ['no-authority', 'unfit client-ca.crt'],
    ['expired', 'expired'],
    ['key', 'key client-ca.crt'],
  ])('%s: %s alone', async (variant, subject) => {
    expect(told((await report(join(folder, variant))).findings)).toEqual([`${subject}: proven`]);
  });

  it('read the same as text', async () => {
    const copy = changed('several', 'text', (path) => {
      for (const place of [tls, agent]) {
        for (const name of readdirSync(join(path, place))) {
          const file = join(path, place, name);
          writeFileSync(file, openssl('x509', '-in', file, '-noout', '-text'));
        }
      }
    });
    expect(told(await found(copy))).toEqual(all);
  });

  it('are seen in the ticket, by names and messages', async () => {
    const findings = await found(join(folder, 'ticket.txt'));
    expect(told(findings)).toEqual(
      all.map((one) => (one.startsWith('missing') ? one.replace('proven', 'likely') : one)),
    );
    const lines = findings.flatMap(({ evidence }) => evidence.map(({ why }) => why));
    expect(lines).toContain('a client refused a certificate');
  });

  it('fit in the healthy twin', async () => {
    expect((await report(join(folder, 'healthy'))).findings).toEqual([]);
  });
});

describe('with one input taken away', () => {
  it.each([
    ['server-ca.crt', 'stale server-ca', 'missing server-ca'],
    ['client-ca.crt', 'stale client-ca', 'missing client-ca'],
  ])('without %s nothing is said of what it signed but that it is not there', async (file, before, after) => {
    const findings = told(await found(changed('several', file, (copy) => rmSync(join(copy, tls, file)))));
    expect(findings).not.toContain(`${before}: proven`);
    expect(findings).toContain(`${after}: likely`);
  });

  it('without openssl’s message the missing authority is likely: the copy of the folder may not be whole', async () => {
    const copy = changed('several', 'message', (path) => rmSync(join(path, 'server-1/openssl-x509.txt.failed')));
    expect(told(await found(copy))).toContain('missing request-header-ca: likely');
  });

  it('without any certificate it is not evaluated, and asked for', async () => {
    const copy = changed('several', 'none', (path) => {
      for (const node of ['server-1', 'agent-1']) rmSync(join(path, node, 'var'), { recursive: true });
      rmSync(join(path, 'server-1/etc'), { recursive: true });
      rmSync(join(path, 'server-1/openssl-x509.txt.failed'));
    });
    const { findings, notEvaluated } = await report(copy);
    expect(findings).toEqual([]);
    expect(notEvaluated).toContainEqual(expect.objectContaining({ rule, node: 'server-1', needs: ['certificates'] }));
  });

  it('without the time of the capture it is asked for', async () => {
    const copy = changed('healthy', 'date', (path) => {
      for (const node of ['server-1', 'agent-1']) rmSync(join(path, node, 'date.txt'));
    });
    const { findings, notEvaluated } = await report(copy);
    expect(findings).toEqual([]);
    expect(notEvaluated).toContainEqual(
      expect.objectContaining({ rule, node: 'server-1', needs: ['date', 'public-keys'] }),
    );
  });
});

describe('the healthy cluster, one thing changed', () => {
  it('server-ca of the same name: the signature itself tells', async () => {
    const [finding, ...others] = await found(
      changed('healthy', 'same-name', (copy) => sameName(join(copy, tls, 'server-ca.crt'))),
    );
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ subject: 'stale server-ca', certainty: 'proven' });
    expect(finding?.message).toContain('signed by a former server-ca of the same name');
    expect(finding?.evidence.map(({ why }) => why)).toContain(
      'serving-kube-apiserver.crt of server-1: its signature was made by a former server-ca of the same name',
    );
  });

  it('the former authority kept beside the new one: everything still fits', async () => {
    const copy = changed('healthy', 'both', (path) => {
      const file = join(path, tls, 'client-ca.crt');
      const former = readFileSync(file, 'utf8');
      sameName(file);
      writeFileSync(file, readFileSync(file, 'utf8') + former);
    });
    expect(await found(copy)).toEqual([]);
  });

  it('the agent’s copy of client-ca', async () => {
    const copy = changed('healthy', 'copy', (path) => sameName(join(path, agent, 'client-ca.crt')));
    expect(told(await found(copy))).toEqual(['stale client-ca: proven']);
  });

  it('a key that is another one, which itself is kept nowhere', async () => {
    const copy = changed('healthy', 'key', (path) => {
      sameName(join(path, agent, 'client-kubelet.crt'));
      cpSync(join(folder, 'healthy', agent, 'client-kubelet.crt'), join(path, agent, 'client-kubelet.crt'));
      cpSync(join(scratch, 'key'), join(path, agent, 'client-kubelet.key'));
    });
    const snapshot = await readSnapshot(copy);
    expect(told(analyze(snapshot).findings)).toEqual(['key client-kubelet.crt: proven']);
    const secret = readFileSync(join(scratch, 'key'), 'utf8').split('\n')[3] ?? 'nothing';
    expect(snapshot.files.some(({ text }) => text.includes(secret))).toBe(false);
  });

  it('a clock ten years ahead', async () => {
    const copy = changed('healthy', 'clock', (path) =>
      writeFileSync(join(path, 'server-1/date.txt'), 'Sat Nov 22 06:00:00 UTC 2036\n'),
    );
    expect(told(await found(copy))).toEqual(expect.arrayContaining(['expired authorities: proven', 'expired: proven']));
  });
});

describe('the fix', () => {
  it('run on the folder, as far as it is openssl and the file system, leaves authorities that k3s can go on with', async () => {
    const [first] = await found(join(folder, 'several'));
    const steps = first?.fix?.steps ?? [];
    expect(
      steps.map(({ command }) =>
        command
          .split(/[ ;\n]/)
          .slice(0, 2)
          .join(' '),
      ),
    ).toEqual([
      'systemctl stop',
      'cp -a',
      'find /var/lib/rancher/k3s/server/tls',
      'openssl ecparam',
      'systemctl start',
      'systemctl stop',
    ]);
    expect(steps.every(({ node, disrupts, undo }) => node !== null && disrupts !== '' && undo !== '')).toBe(true);
    expect(first?.fix).toMatchObject({ verified: null, notes: expect.stringContaining('Not simulated') });
    const copy = changed('several', 'mended', (path) => {
      mkdirSync(join(path, 'server-1/var/lib/rancher/k3s/agent'));
      for (const { node, command } of steps) {
        const local = command
          .replaceAll('/var/lib/rancher', join(path, node ?? '', 'var/lib/rancher'))
          .replaceAll('/root/tls-before', join(scratch, 'tls-before'))
          .replace(/systemctl \w+ [\w-]+;?/g, '');
        execFileSync('bash', ['-euc', local], { stdio: 'ignore' });
      }
      // What k3s does with it: it writes its kubeconfig anew.
      rmSync(join(path, 'server-1/etc'), { recursive: true });
      rmSync(join(path, 'server-1/openssl-x509.txt.failed'));
    });
    expect(
      readdirSync(join(copy, tls))
        .filter((name) => name.endsWith('.crt'))
        .sort(),
    ).toEqual(['client-ca.crt', 'request-header-ca.crt', 'server-ca.crt']);
    for (const name of ['client-ca', 'request-header-ca']) {
      expect(
        openssl('x509', '-in', join(copy, tls, `${name}.crt`), '-noout', '-ext', 'basicConstraints,keyUsage'),
      ).toMatch(/CA:TRUE[\s\S]*Certificate Sign/);
    }
    expect(await found(copy)).toEqual([]);
  });
});
