/** docker-info(1), and podman's likeness: the kernel it runs on, and the warnings about what it found switched off (daemon/info.go). */
import type { Facts, KernelIdentity, Sysctl } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { isBlank, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { bareKernel, isRelease } from './uname-words.js';

const opens = /^ ?Containers: \d+$|^Server Version: \d+\.\d+\S*$|^ ?Storage Driver: [a-z0-9]+$/;
const fits =
  /^ ?(?:Client|Server|Plugins|Runtimes|Swarm|Images|Cgroup (?:Driver|Version)|Logging Driver|Kernel Version|Operating System|OSType|Architecture|CPUs|Total Memory|Name|ID|Docker Root Dir|Debug Mode.{0,12}|Registry|Experimental|Insecure Registries|Live Restore Enabled|Default Runtime|Init Binary|(?:containerd|runc|init) version|Security Options|Labels|Registry Mirrors|Username|HTTP Proxy|HTTPS Proxy|No Proxy|Product License|Default Address Pools|Firewall Backend): ?|^ {1,3}(?:Running|Paused|Stopped|Volume|Network|Log|Backing Filesystem|Supports d_type|Native Overlay Diff|seccomp|Profile|Context|Base): |^WARNING: /;
/** Parameters whose absence it warns of: off, or not there because the module is not loaded. */
const switchedOff: readonly (readonly [RegExp, string])[] = [
  [/^WARNING: IPv4 forwarding is disabled/, 'net/ipv4/ip_forward'],
  [/^WARNING: bridge-nf-call-iptables is disabled/, 'net/bridge/bridge-nf-call-iptables'],
  [/^WARNING: bridge-nf-call-ip6tables is disabled/, 'net/bridge/bridge-nf-call-ip6tables'],
];

export const dockerInfoFormat: Format = {
  id: 'docker-info',
  title: 'what docker says of itself and its machine (docker info)',
  commands: [/^(?:\S*\/)?(?:docker|podman|nerdctl)\s+(?:system\s+)?info\b/],
  fileNames: [/^(?:docker|podman|nerdctl)[-_]info(?:\.(?:txt|log|md))?$/i],
  line: (text) => {
    if (text.length > 500) return null;
    if (opens.test(text) || switchedOff.some(([shape]) => shape.test(text))) return 'opens';
    return fits.test(text) ? 'continues' : null;
  },
  extent,
  parse,
};

/** As far as its lines go on: `Name: n1` alone opens other outputs. */
function extent(text: string, start: number): number {
  let past = start;
  for (let at = start; at < text.length; ) {
    const next = text.indexOf('\n', at);
    const end = next < 0 ? text.length : next;
    const line = text.slice(at, Math.min(end, at + 500)).trimEnd();
    at = end + 1;
    if (line === '') continue;
    if (!opens.test(line) && !fits.test(line)) break;
    past = Math.min(at, text.length);
  }
  return past;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const settings: Sysctl[] = [];
  const kernels: KernelIdentity[] = [];
  for (const line of reading.lines) {
    if (isBlank(line.text)) continue;
    const span = lineSpan(section, line);
    const off = switchedOff.find(([shape]) => shape.test(line.text));
    const release = /^ ?Kernel Version: (\S{3,100})\s*$/.exec(line.text)?.[1] ?? '';
    if (off !== undefined) settings.push({ span, key: off[1], value: '0', trust: 'repaired' });
    if (isRelease(release)) kernels.push({ span, ...bareKernel, release });
    if (off !== undefined || isRelease(release)) claim(reading, line, 'modelled');
    else if (!takeFailure(reading, line)) claim(reading, line, 'inert');
  }
  return closeReading(reading, [
    ...(settings.length === 0 ? [] : [{ kind: 'sysctls' as const, rows: settings, complete: false }]),
    ...(kernels.length === 0 ? [] : [{ kind: 'kernel' as const, rows: kernels, complete: true }]),
  ]);
}
