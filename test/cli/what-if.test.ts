/** `--apply` and `diff` as a user runs them. */
import { describe, expect, it } from 'vitest';
import { coldtrace, sample } from './run.js';

const off = sample('05-gateway-does-not-forward/sysctl-off');
const mend = '@node master\nsysctl -w net.ipv4.ip_forward=1\n';

describe('--apply', () => {
  it('is done before anything else', () => {
    expect(coldtrace(['analyze', off]).status).toBe(1);
    expect(coldtrace(['analyze', off, '--apply', '-'], mend).status).toBe(0);
  });

  it('says what was not carried out, where, and prints nothing else', () => {
    const { status, stdout, stderr } = coldtrace(['analyze', off, '--apply', '-'], `${mend}frobnicate now\n`);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('error[what-if/unknown-command]: "frobnicate" is no command that can be simulated');
    expect(stderr).toContain('standard input:3:1');
  });

  it('turns captured rules into changed ones', () => {
    const rules = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n';
    const text = coldtrace(['normalize', '-', '--apply', '/nonexistent'], rules);
    expect([text.status, text.stderr]).toEqual([2, 'coldtrace: --apply /nonexistent: no such file\n']);
  });
});

describe('diff', () => {
  it('of an input and its what-if shows what is gone and what works now', () => {
    const { status, stdout } = coldtrace(['diff', off, '--apply', '-'], mend);
    expect(status).toBe(0);
    expect(stdout).toContain('- error[gateway-does-not-forward]  master');
    expect(stdout).toContain('+ sysctl -w net.ipv4.ip_forward=1');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('ends with 1 when something is worse, and with 2 when it gets one input only', () => {
    const healthy = sample('05-gateway-does-not-forward/healthy');
    expect(coldtrace(['diff', healthy, off]).status).toBe(1);
    expect(coldtrace(['diff', off, healthy]).status).toBe(0);
    expect(coldtrace(['diff', healthy]).status).toBe(2);
  });
});
