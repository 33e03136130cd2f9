import { describe, expect, it } from 'vitest';
import { sectionOf } from '../testing.js';
import { kubernetesVersionFormat } from './kubernetes-version.js';

function read(text: string) {
  const { value, ledger } = kubernetesVersionFormat.parse(sectionOf(text));
  const rows = value.flatMap((facts) => (facts.kind === 'settings' ? facts.rows : []));
  return { rows: rows.map(({ key, value: release }) => `${key} ${release}`), ledger: [...ledger] };
}

describe('the version of Kubernetes', () => {
  it.each([
    ['Kubernetes v1.22.0', ['Kubernetes v1.22.0']],
    ['Client Version: v1.28.4\nServer Version: v1.27.9+k3s1', ['Client v1.28.4', 'Server v1.27.9+k3s1']],
    [
      'Server Version: version.Info{Major:"1", Minor:"15", GitVersion:"v1.15.3", GitCommit:"2d3c76f9", GoVersion:"go1.12.9"}',
      ['Server v1.15.3'],
    ],
    ['Kustomize Version: v5.0.4', ['Kustomize v5.0.4']],
  ])('%j', (text, rows) => {
    expect(read(text).rows).toEqual(rows);
    expect(kubernetesVersionFormat.line(text.split('\n')[0] ?? '')).toBe('opens');
  });

  it('is no prose about versions', () => {
    expect(kubernetesVersionFormat.line('Kubernetes v1.22.0 is what we run')).toBeNull();
    expect(kubernetesVersionFormat.line('Server Version: unknown')).toBeNull();
  });
});
