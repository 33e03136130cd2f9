/** EnvironmentFiles of units: values over several lines, and the flags they hand on. systemd.exec(5). */
import { countLines } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { snapshotOfFiles } from '../assemble/testing.js';

test('a value that backslashes carry over several lines is read whole', () => {
  const text = 'KUBE_PROXY_OPTS="--v=2 \\\n--proxy-mode=ipvs \\\n--cluster-cidr=10.244.0.0/16"\nKUBE_OTHER=1\n';
  const snapshot = snapshotOfFiles({ 'node-1/opt/kubernetes/cfg/kube-proxy.conf': text });
  const settings = snapshot.nodes.flatMap((node) => node.settings.map(({ key, value }) => `${key} = ${value}`));
  expect(settings.slice(1)).toEqual(['v = 2', 'proxy-mode = ipvs', 'cluster-cidr = 10.244.0.0/16', 'KUBE_OTHER = 1']);
  expect(snapshot.read[0]?.counts).toEqual({ ...countLines(new Uint8Array()), modelled: 4 });
});

describe('the flags that a unit takes from its EnvironmentFile', () => {
  const configs = (text: string) =>
    snapshotOfFiles({ 'node-1/etc/kubernetes/proxy': text }).nodes.flatMap((node) => node.configs);

  test.each([
    ['KUBE_PROXY_ARGS="--proxy-mode=ipvs --masquerade-all false"', 'kube-proxy', ['--masquerade-all']],
    ["KUBE_PROXY_OPTS='--v=2 \\\n --proxy-mode=ipvz'", 'kube-proxy', ['mode']],
    ['KUBELET_EXTRA_ARGS=--node-ip=10.0.0.5', 'kubelet', []],
  ])('%s', (text, component, problems) => {
    expect(configs(`${text}\n`).map((one) => [one.component, one.problems.map(({ path }) => path)])).toEqual([
      [component, problems],
    ]);
  });

  test('a variable of another name is no flag of theirs', () => {
    expect(configs('KUBE_MASTER="--master=http://10.0.0.1:8080"\n')).toEqual([]);
  });
});
