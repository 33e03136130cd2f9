/** k3s and rke2 configuration, `/etc/rancher/{k3s,rke2}/config.yaml`: keys are the server's and agent's flags. */
import type { Setting } from '@coldtrace/core';
import type { Format, Section } from '../format.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { placedSection } from '../yaml/place.js';
import { readYaml } from '../yaml/read.js';
import { settingsOfValue } from './json-settings.js';

/** Flags that no other YAML has at its top, and those that some other may have. */
const own =
  'node-ip|node-external-ip|flannel-iface|flannel-backend|flannel-conf|flannel-ipv6-masq|tls-san|cluster-cidr|service-cidr|cluster-dns|cluster-domain|bind-address|advertise-address|advertise-port|https-listen-port|write-kubeconfig|write-kubeconfig-mode|disable-network-policy|disable-kube-proxy|egress-selector-mode|kubelet-arg|kube-proxy-arg|kube-apiserver-arg|etcd-arg|node-label|node-taint|cluster-init|datastore-endpoint|resolv-conf|service-node-port-range';
const shared = 'node-name|disable|selinux|server|token|agent-token|data-dir|cni|profile';
const opening = new RegExp(`^(?:${own}):(?:\\s|$)`);
const inside = new RegExp(`^(?:(?:${shared}):(?:\\s|$)| {0,4}- \\S+$)`);
const anyKey = new RegExp(`^(?:${own}|${shared}):(?:\\s|$)`, 'gm');

function isFile({ freeForm, path }: Section): boolean {
  return !freeForm && /(?:^|\/)(?:rancher\/(?:k3s|rke2)\/config|k3s-config)\.ya?ml$/.test(path);
}

function emptySpan({ file, start }: Section): Setting['span'] {
  return { file: file.id, start, end: start };
}

export const k3sConfigFormat: Format = {
  id: 'k3s-config',
  title: 'k3s config.yaml',
  commands: [/^cat\s+\S*\/rancher\/(?:k3s|rke2)\/config\.yaml/],
  fileNames: [/^config\.yaml$/, /^k3s.*\.ya?ml$/],
  line: (text) => {
    const head = text.slice(0, 200);
    return opening.test(head) ? 'opens' : inside.test(head) ? 'continues' : null;
  },
  whole: (text, path) => {
    const head = text.slice(0, 1 << 14);
    if (/^(?:apiVersion|kind):/m.test(head)) return 0;
    const count = head.match(anyKey)?.length ?? 0;
    if (/\/rancher\/(?:k3s|rke2)\/config\.yaml/.test(path)) return 0.97;
    return count === 0 ? 0 : /(?:^|\/)(?:k3s[\w.-]*|config)\.ya?ml$/.test(path) ? 0.9 : count > 1 ? 0.7 : 0.3;
  },
  parse: (section: Section) => {
    const reading = openReading(section);
    const rows: Setting[] = [];
    const stream = readYaml(placedSection(section.file, section.start, section.end));
    reading.diagnostics.push(...stream.diagnostics);
    for (const { value, start, end } of stream.documents) {
      if (value?.kind !== 'map') continue;
      rows.push(...settingsOfValue('k3s-config', value));
      for (const line of reading.lines) {
        const covered = line.end > section.start + start && line.start < section.start + end;
        if (covered && line.text.trim() !== '')
          claim(reading, line, line.text.trimStart().startsWith('#') ? 'inert' : 'modelled');
      }
    }
    for (const line of reading.lines) {
      if (reading.ledger[line.index] !== 0) continue;
      if (/^(?:---|\.\.\.|\s*#)/.test(line.text.slice(0, 100))) claim(reading, line, 'inert');
      else takeFailure(reading, line);
    }
    // A file without options tells that none is set.
    const none = rows.length === 0 && !reading.ledger.includes(0) && isFile(section);
    if (none) rows.push({ source: 'k3s-config', key: '', value: '', span: emptySpan(section) });
    return closeReading(reading, [{ kind: 'settings', rows, complete: false }]);
  },
};
