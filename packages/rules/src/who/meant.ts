/** What somebody may have meant who typed no end of a connection: a name without its kind, an address as URLs and other tools write it. */
import { type KubePod, parseIp, type Snapshot } from '@coldtrace/core';
import { endpointText } from '../facts/ipvs-services.js';
import { listed, portNumber } from './end.js';
import { servicesOf } from './services.js';

/** `; did you mean service:default/kubernetes:443?`, or nothing. */
export function didYouMean(snapshot: Snapshot, text: string): string {
  const plain = text.replace(/^[a-z][\w+.-]*:\/\//i, '').replace(/(?<=[\d\]])\/.*$/, '');
  const found = ofOtherTools(text) ?? rewritten(plain, text) ?? named(snapshot, text);
  return found === null ? '' : `; did you mean ${found}?`;
}

/** kubectl's words, with its slash. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['svc', 'service'],
  ['services', 'service'],
  ['service', 'service'],
  ['po', 'pod'],
  ['pods', 'pod'],
  ['pod', 'pod'],
  ['no', 'node'],
  ['nodes', 'node'],
  ['node', 'node'],
]);

function ofOtherTools(text: string): string | null {
  const [, word = '', separator, rest = ''] = /^([a-z]+)([:/])(.+)$/i.exec(text) ?? [];
  const kind = kinds.get(word.toLowerCase());
  return kind === undefined || (separator === ':' && kind === word) ? null : `${kind}:${rest}`;
}

/** `https://10.0.0.1`, `10.0.0.1/443`, tcpdump's `10.0.0.1.443`. */
function rewritten(plain: string, text: string): string | null {
  const [, address = '', port = ''] = /^(.+)[:/. #](\d+)$/.exec(text) ?? [];
  const ip = parseIp(address);
  if (ip !== null && portNumber(port) != null) return endpointText(ip, port);
  return plain !== text && plain !== '' ? (addressText(plain) ?? plain) : null;
}

function addressText(text: string): string | null {
  const ip = parseIp(text.replace(/^\[(.*)\]$/, '$1'));
  return ip === null ? null : endpointText(ip, 'PORT');
}

/** A node, pod or Service of that name. */
function named(snapshot: Snapshot, text: string): string | null {
  const [, name = text, port = ''] = /^(.*?)(:\w+)?$/.exec(text) ?? [];
  const isIt = (full: string) => full === name || full.slice(full.indexOf('/') + 1) === name;
  const pods = snapshot.objects.filter((object): object is KubePod => object.kind === 'Pod');
  const all = [
    ...snapshot.nodes.filter((node) => node.name === name).map((node) => `node:${node.name}`),
    ...pods
      .map(({ meta }) => (meta.namespace === null ? meta.name : `${meta.namespace}/${meta.name}`))
      .filter(isIt)
      .map((full) => `pod:${full}`),
    ...servicesOf(snapshot)
      .map(({ fullName }) => fullName)
      .filter(isIt)
      .map((full) => `service:${full}`),
  ];
  return all.length === 0 ? null : listed(all.map((one) => `${one}${port}`));
}

/** How an end that lacks its port is written with one; what looks like a port may be the end of an IPv6 address. */
export function portHint(text: string): string {
  const ip = parseIp(text.replace(/^\[(.*)\]$/, '$1'));
  if (ip === null) return `${text}:PORT`;
  const [, address = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  const shorter = parseIp(address);
  const apart = shorter === null ? '' : `, or ${endpointText(shorter, port)} if ${port} is the port`;
  return `${endpointText(ip, 'PORT')}${apart}`;
}
