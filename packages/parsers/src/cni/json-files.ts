/** JSON files of the pod network: CNI configurations, flannel's net-conf and leases, delegates of the flannel plugin, Docker's daemon.json. */
import type { Facts, Setting, YamlValue } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { jsonExtent } from '../text/json.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { entriesOf, field } from '../yaml/access.js';
import { placedSection } from '../yaml/place.js';
import { readYaml } from '../yaml/read.js';
import { settingsOfValue } from './json-settings.js';

const dockerKeys = new Set(
  'bip mtu ip-masq iptables ip-forward exec-opts registry-mirrors insecure-registries log-driver log-opts storage-driver storage-opts data-root default-address-pools live-restore userland-proxy dns bridge fixed-cidr graph hosts'.split(
    ' ',
  ),
);

/** Which file a value is; null when it is none of these. */
function sourceOfValue(value: YamlValue, path: string): string | null {
  const has = (key: string) => field(value, key) !== null;
  if (has('cniVersion') && /\/cni\/flannel\//.test(path)) return 'cni-delegate';
  if (has('plugins') || (has('cniVersion') && has('type'))) {
    return has('ipam') && !has('plugins') && field(value, 'type') !== null && /(?:^|\/)[0-9a-f]{64}$/.test(path)
      ? 'cni-delegate'
      : 'cni-conflist';
  }
  if ((has('Network') || has('IPv6Network')) && !has('kind')) return 'net-conf';
  if (has('PublicIP') && has('BackendType')) return 'flannel-lease';
  const keys = entriesOf(value).map((entry) => entry.key);
  return keys.length > 0 && keys.some((key) => dockerKeys.has(key)) && keys.every((key) => /^[a-z][a-z-]*$/.test(key))
    ? 'docker-daemon'
    : null;
}

const opening = /^\s{0,8}\{\s{0,8}"(?:cniVersion|Network|IPv6Network|EnableIPv[46]|PublicIP|hairpinMode|bip)"/;

export const networkJsonFormat: Format = {
  id: 'network-json',
  title: 'CNI, flannel or Docker configuration (JSON)',
  commands: [/^cat\s+\S*(?:\/cni\/|net-conf\.json|daemon\.json)/, /^(?:\S*\/)?etcdctl\s.*\bget\s+\S*\/network\//],
  fileNames: [/\.conflist$/, /^net-conf\.json$/, /^daemon\.json$/, /^\d+-[\w-]+\.conf$/],
  line: (text) => (opening.test(text.slice(0, 200)) ? 'opens' : null),
  extent: jsonExtent,
  whole: (text, path) => {
    const head = text.slice(0, 1 << 14);
    if (!/^\s{0,64}\{/.test(head) || head.includes('"apiVersion"')) return 0;
    if (
      /"cniVersion"\s{0,4}:/.test(head) ||
      /"Network"\s{0,4}:\s{0,4}"[\d.]+\//.test(head) ||
      /"BackendType"\s{0,4}:/.test(head)
    )
      return 0.95;
    return /(?:^|\/)daemon\.json$/.test(path) ||
      /"(?:bip|exec-opts|registry-mirrors|ip-masq|insecure-registries)"\s{0,4}:/.test(head)
      ? 0.8
      : 0;
  },
  parse: parseNetworkJson,
};

function parseNetworkJson(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const stream = readYaml(placedSection(section.file, section.start, section.end));
  const rows: Setting[] = [];
  reading.diagnostics.push(...stream.diagnostics);
  for (const { value, start, end } of stream.documents) {
    const source = value === null ? null : sourceOfValue(value, section.path);
    if (value === null || source === null) continue;
    rows.push(...settingsOfValue(source, value));
    for (const line of reading.lines) {
      if (line.text.trim() !== '' && line.end > section.start + start && line.start < section.start + end)
        claim(reading, line, 'modelled');
    }
  }
  for (const line of reading.lines) if (reading.ledger[line.index] === 0) takeFailure(reading, line);
  return closeReading(reading, [{ kind: 'settings', rows, complete: false }]);
}
