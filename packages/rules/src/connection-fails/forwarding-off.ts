/** A device, or the whole node, that forwards nothing: the parameter that was seen to be off. sysctl(8), ip-sysctl.rst. */
import type { Family, Node, Step, Sysctl } from '@coldtrace/core';
import type { Fix } from '../finding.js';

const generalKeys: Readonly<Record<Family, string>> = {
  4: 'net/ipv4/ip_forward',
  6: 'net/ipv6/conf/all/forwarding',
};

/** null: it is no parameter that ends the packet's way. */
export function forwardingOffFix(node: Node, { stage, evidence }: Step): Fix | null {
  const off =
    stage === 'forward' ? [...node.host.sysctl.byKey.values()].find((row) => isOff(row, evidence)) : undefined;
  if (off === undefined) return null;
  const general = node.host.sysctl.byKey.get(generalKeys[off.key.startsWith('net/ipv6/') ? 6 : 4]);
  const key = written(general?.value === '0' ? general.key : off.key);
  const step = {
    node: node.name,
    command: `sysctl -w ${key}=1`,
    disrupts: 'nothing: the node starts to pass on what its rules accept',
    undo: `sysctl -w ${key}=0`,
  };
  return {
    steps: [step],
    persist: `Write ${key} = 1 to a file in /etc/sysctl.d, and look for files there and for services that set it to 0.`,
    notes: '',
    verified: null,
  };
}

const isOff = ({ key, value, span }: Sysctl, evidence: Step['evidence']) =>
  value === '0' &&
  /forward/.test(key) &&
  evidence.some((one) => one.span.file === span.file && one.span.start === span.start);

/** As sysctl(8) takes it: a name of a device that holds dots stands between slashes. */
const written = (key: string) => (key.includes('.') ? key : key.replaceAll('/', '.'));
