/** `--apply` and `diff` as a user runs them. */
import { describe, expect, it } from 'vitest';
import { coldtrace, sample } from './run.js';

const off = sample('05-gateway-does-not-forward/sysctl-off');
const mend = '@node master\nsysctl -w net.ipv4.ip_forward=1\n';

describe('--apply', () => {
  it('is done before anything else', async () => {
    expect((await coldtrace(['analyze', off])).status).toBe(1);
    expect((await coldtrace(['analyze', off, '--apply', '-'], { stdin: mend })).status).toBe(0);
  });

  it('says what was not carried out, where, and prints nothing else', async () => {
    const { status, stdout, stderr } = await coldtrace(['analyze', off, '--apply', '-'], {
      stdin: `${mend}frobnicate now\n`,
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('error[what-if/unknown-command]: "frobnicate" is no command that can be simulated');
    expect(stderr).toContain('standard input:3:1');
  });

  it('turns captured rules into changed ones', async () => {
    const rules = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n';
    const text = await coldtrace(['normalize', '-', '--apply', '/nonexistent'], { stdin: rules });
    expect([text.status, text.stderr]).toEqual([2, 'coldtrace: --apply /nonexistent: no such file\n']);
  });
});

describe('diff', () => {
  it('of an input and its what-if shows what is gone and what works now', async () => {
    const { status, stdout } = await coldtrace(['diff', off, '--apply', '-'], { stdin: mend });
    expect(status).toBe(0);
    expect(stdout).toContain('- error[gateway-does-not-forward]  master');
    expect(stdout).toContain('+ sysctl -w net.ipv4.ip_forward=1');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('ends with 1 when something is worse, and with 2 when it gets one input only', async () => {
    const healthy = sample('05-gateway-does-not-forward/healthy');
    expect((await coldtrace(['diff', healthy, off])).status).toBe(1);
    expect((await coldtrace(['diff', off, healthy])).status).toBe(0);
    expect((await coldtrace(['diff', healthy])).status).toBe(2);
  });
});
