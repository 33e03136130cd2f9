/** A connection table without room, in the second kernel, whose limit may be set: what is new is lost, unless the table has room. */
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { describeKernel } from '../gate.js';
import { askColdtrace } from '../referee/ask.js';
import { BOOT_TOOLS, inSecondKernel } from './boot.js';

const dumps = {
  'ip-link.txt': 'ip -d link',
  'ip-addr.txt': 'ip addr',
  'ip-route.txt': 'ip route show table all',
  'ip-rule.txt': 'ip rule',
  'iptables-save.txt': 'iptables-legacy-save',
  'conntrack.txt': 'conntrack -L 2>&1',
  'uname.txt': 'uname -a',
  'sysctl.txt': 'sysctl -a 2>/dev/null | grep ^net',
} as const;

const MARK = '=====';
const send = `import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 99))`;

/** Sets it up, captures it and sends; the last part is what the rule has counted. */
const script = (state: string): string =>
  [
    'modprobe -a nf_conntrack iptable_filter xt_conntrack nf_conntrack_netlink',
    'iptables-legacy -A OUTPUT -p udp --dport 99 -m conntrack --ctstate NEW',
    state,
    ...Object.values(dumps).map((command) => `${command} || true; echo ${MARK}`),
    `python3 -c "${send}" 2>/dev/null || true`,
    "iptables-legacy -nvxL OUTPUT | awk 'END { print $1 }'",
  ].join('\n');

const filled = 'conntrack -I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 1 --dport 2 -t 300 -u SEEN_REPLY,ASSURED';

describeKernel('a connection table', () => {
  it.each([
    ['that is full takes no new connection', `${filled}\nsysctl -qw net.netfilter.nf_conntrack_max=1`, '0'],
    ['with room takes one', `${filled}\nsysctl -qw net.netfilter.nf_conntrack_max=2`, '1'],
  ])('%s', { timeout: 120_000 }, (_, state, counted) => {
    const output = inSecondKernel({ script: script(state), timeoutSeconds: 100 }).get('output') ?? '';
    // What conntrack says of the new entry comes first.
    const parts = output.split(`${MARK}\n`);
    expect(parts.at(-1)?.trim()).toBe(counted);
    const files = Object.keys(dumps).map((file, at) => [`node-1/${file}`, parts[at] ?? ''] as const);
    expect(parseSnapshot(new Map(files)).nodes.length).toBe(1);
    const probe = {
      id: 'a',
      kind: 'output',
      family: 4,
      dst: '127.0.0.1',
      proto: 'udp',
      sport: 4000,
      dport: 99,
    } as const;
    const [answer] = askColdtrace(new Map(files), [probe]);
    const full = { outcome: 'unknown', because: [expect.stringContaining('is full (1 of 1)')] };
    expect(answer).toMatchObject(counted === '0' ? full : { outcome: 'local', hits: [['filter', 'OUTPUT', 1]] });
  });
}, [...BOOT_TOOLS, 'python3', 'conntrack', 'iptables-legacy-save']);
