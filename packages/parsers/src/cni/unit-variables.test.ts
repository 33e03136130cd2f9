/** What a unit's EnvironmentFile sets stands on its command line. systemd.service(5). */
import { describe, expect, test } from 'vitest';
import { codesOf, onlyNode, snapshotOf } from '../assemble/testing.js';
import { textAtPath } from '../yaml/access.js';

const prompt = '[root@n1 ~]# ';
const unit = (line: string) =>
  `${prompt}systemctl cat kube-proxy\n# /etc/systemd/system/kube-proxy.service\n[Service]\nEnvironmentFile=-/etc/kubernetes/proxy\nExecStart=/usr/bin/kube-proxy ${line}\nRestart=always\n`;
const file = (text: string) => `${prompt}cat /etc/kubernetes/proxy\n${text}`;

const braced = (name: string) => `\${${name}}`;

function flagOf(text: string, path: string): readonly (string | null)[] {
  return onlyNode(snapshotOf(text)).configs.map((config) => textAtPath(config.body, ...path.split('.')));
}

describe('variables on a command line', () => {
  test.each<readonly [string, string, string, string, string | null]>([
    ['in braces', `--proxy-mode=${braced('MODE')}`, 'MODE=ipvs\n', 'mode', 'ipvs'],
    ['bare', '--cluster-cidr=$CIDR --v=2', 'CIDR="10.42.0.0/16"\n', 'clusterCIDR', '10.42.0.0/16'],
    ['of a switch', '--masquerade-all=$ALL', 'ALL=true\n', 'iptables.masqueradeAll', 'true'],
    ['that nothing sets', `--proxy-mode=${braced('MODE')} --v=2`, 'OTHER=ipvs\n', 'mode', null],
  ])('%s', (_what, line, environment, path, expected) => {
    expect(flagOf(unit(line) + file(environment), path)).toEqual([expected]);
    expect(codesOf(snapshotOf(unit(line) + file(environment))).includes('kube-config/variable-open')).toBe(
      expected === null,
    );
  });

  test('a value that kube-proxy refuses is a problem wherever it stands', () => {
    const { configs } = onlyNode(snapshotOf(unit(`--proxy-mode=${braced('MODE')}`) + file('MODE=ipvss\n')));
    expect(configs.flatMap(({ problems }) => problems.map(({ path }) => path))).toEqual(['mode']);
  });

  test('whole arguments are flags of their own; without their file that is said', () => {
    const line = unit('--v=2 $KUBE_PROXY_ARGS');
    expect(flagOf(line + file('KUBE_PROXY_ARGS="--proxy-mode=ipvs"\n'), 'mode')).toEqual([null, 'ipvs']);
    expect(codesOf(snapshotOf(line))).toContain('kube-config/variable-open');
    expect(codesOf(snapshotOf(line + file('KUBE_PROXY_ARGS="--proxy-mode=ipvs"\n')))).toEqual([]);
  });
});
