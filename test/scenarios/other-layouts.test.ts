/** The samples' healthy twins in layouts and forms of others: nothing that a listing does not show, and no mixture of two machines, is taken for a fault. */
import { fileURLToPath } from 'node:url';
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { faultsIn, filesIn, type NamedText } from './sample-files.js';

const filesOf = (path: string) => filesIn(fileURLToPath(new URL(`../../samples/${path}`, import.meta.url)));
const commands: Readonly<Record<string, string>> = {
  'bridge-fdb.txt': 'bridge fdb',
  hostname: 'hostname',
  'ip-addr.txt': 'ip addr',
  'ip-link.txt': 'ip -d -s link',
  'ip-neigh.txt': 'ip neigh',
  'ip-route.txt': 'ip route show table all',
  'ip-rule.txt': 'ip rule',
  'iptables-save.txt': 'iptables-save',
  'ss.txt': 'ss -tuan',
  'sysctl.txt': 'sysctl -a',
};
const twins = [
  '02-neigh-lladdr-of-other-interface',
  '05-gateway-does-not-forward',
  '07-flannel-vtep-mac-stale',
  '09-masquerade-hides-pod-source',
  '10-flannel-subnet-unreachable',
];

/** Each folder's dumps as one file with headings. */
function asLogs(files: readonly NamedText[], nameOf: (folder: string) => string): ReadonlyMap<string, string> {
  const logs = new Map<string, string>();
  for (const [name, text] of files) {
    const [folder = '', file = ''] = name.split('/');
    const command = commands[file];
    const path = command === undefined ? name : nameOf(folder);
    const part = command === undefined ? text : `\n########## ${command} ##########\n${text}`;
    logs.set(path, `${logs.get(path) ?? ''}${part}`);
  }
  return logs;
}

describe.each(twins)('%s', (name) => {
  it('is sound, and so many machines, as one log for each in one folder', () => {
    const files = filesOf(`${name}/healthy`);
    const machines = new Set(files.flatMap(([path]) => (path.startsWith('kubernetes/') ? [] : [path.split('/')[0]])));
    const logs = asLogs(files, (folder) => `collected/${folder}.log`);
    expect(parseSnapshot(logs).nodes.map((node) => node.name)).toEqual(expect.arrayContaining([...machines]));
    expect(faultsIn(logs)).toEqual([]);
  });

  it('is sound with the routes of table local alone', () => {
    const files = filesOf(`${name}/healthy`).map(([path, text]): NamedText => {
      const own = text.split('\n').filter((line) => /^(?:local|broadcast) .* table local /.test(line));
      return [path, path.endsWith('/ip-route.txt') ? own.join('\n').replaceAll(' table local', '') : text];
    });
    expect(faultsIn(files)).toEqual([]);
  });

  it('is sound with routes whose gateways were blanked out', () => {
    const files = filesOf(`${name}/healthy`).map(([path, text]): NamedText => {
      const blanked = text.replaceAll(/ via \d+\.\d+/g, ' via x.x');
      return [path, path.endsWith('/ip-route.txt') ? blanked : text];
    });
    expect(faultsIn(files)).toEqual([]);
  });
});

it('folders of two machines stay two beside a file of all', () => {
  const files = filesOf('10-flannel-subnet-unreachable/healthy');
  const files2 = files.filter(([path]) => path.endsWith('subnet.env'));
  const beside: NamedText = ['notes.log', 'Linux bastion 5.4.0 #1 SMP x86_64 GNU/Linux\nnet.ipv4.ip_forward = 1\n'];
  expect(faultsIn([...files2, beside])).toEqual([]);
});

it('a listing of sockets of IPv4 alone does not say that nobody listens', () => {
  const files = filesOf('14-service-endpoint-dead/healthy').map(([path, text]): NamedText => {
    const four = text.split('\n').filter((line) => !/\s(?:\*|\[)\S*:\d+\s/.test(line));
    return path.endsWith('/ss.txt') ? [path.replace('ss.txt', 'listening'), four.join('\n')] : [path, text];
  });
  expect(faultsIn(files)).toEqual([]);
});
