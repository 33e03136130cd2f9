/** Output of `kubectl version` and of `kube-proxy --version`, `kubelet --version`: which Kubernetes runs. k8s.io/component-base/version. */
import type { Setting } from '@coldtrace/core';
import type { Format } from '../format.js';
import { lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';

const lone = /^Kubernetes (v\d{1,2}\.\d{1,3}[\w.+-]{0,60})\s*$/;
const told =
  /^(Client|Server|Kustomize) Version: (?:version\.Info\{[^\n]{0,80}?GitVersion:")?(v\d{1,2}\.\d{1,3}[\w.+-]{0,60})/;

export const kubernetesVersionFormat: Format = {
  id: 'kubernetes-version',
  title: 'version of Kubernetes (kubectl version, kube-proxy --version)',
  commands: [/^(?:\S*\/)?(?:kubectl|oc)\s+version\b/, /^(?:\S*\/)?kube(?:-proxy|let|-apiserver|adm)\s+--?version\b/],
  fileNames: [/^kube(?:ctl|rnetes)?[-_]version(?:\.txt)?$/],
  line: (text) => (versionIn(text) === null ? null : 'opens'),
  parse: (section) => {
    const reading = openReading(section);
    const rows: Setting[] = [];
    for (const line of reading.lines) {
      const found = versionIn(line.text);
      if (found !== null) {
        rows.push({ source: 'kubernetes-version', ...found, span: lineSpan(section, line) });
        claim(reading, line, found.key === 'Kustomize' ? 'inert' : 'modelled');
      } else takeFailure(reading, line);
    }
    return closeReading(reading, [{ kind: 'settings', rows, complete: false }]);
  },
};

/** `key`: whose version it is; `Kubernetes` where the program only names the release. */
function versionIn(text: string): Pick<Setting, 'key' | 'value'> | null {
  if (text.length > 600) return null;
  const [, release] = lone.exec(text) ?? [];
  if (release !== undefined) return { key: 'Kubernetes', value: release };
  const [, key, value] = told.exec(text) ?? [];
  return key === undefined || value === undefined ? null : { key, value };
}
