/** Random commands of iptables and ipset, on few names so that they meet. */
import type { Draw } from './draw.js';

export function iptablesCommand(draw: Draw, tool: string): string {
  const table = draw.from(['filter', 'filter', 'nat', 'mangle']);
  const builtin = draw.from(
    {
      filter: ['INPUT', 'FORWARD', 'OUTPUT'],
      nat: ['PREROUTING', 'POSTROUTING', 'OUTPUT'],
      mangle: ['FORWARD', 'PREROUTING'],
    }[table] as [string, ...string[]],
  );
  const own = () => draw.from(['KUBE-A', 'cali-b', 'Z', 'NOPE', 'a1']);
  const chain = () => (draw.oneIn(2) ? builtin : own());
  const t = table === 'filter' && draw.oneIn(2) ? '' : ` -t ${table}`;
  const head = `${tool}${t}`;
  const number = 1 + draw.below(3);
  switch (draw.below(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return `${head} -N ${own()}`;
    case 4:
    case 5:
    case 6:
      return `${head} -A ${chain()} ${rule(draw, table)}`;
    case 7:
      return `${head} -I ${chain()} ${rule(draw, table)}`;
    case 8:
      return `${head} -I ${chain()} ${number} ${rule(draw, table)}`;
    case 9:
      return `${head} -D ${chain()} ${number}`;
    case 10:
    case 11:
      return `${head} -D ${chain()} ${rule(draw, table)}`;
    case 12:
      return `${head} -R ${chain()} ${number} ${rule(draw, table)}`;
    case 13:
      return `${head} -P ${chain()} ${draw.from(['ACCEPT', 'DROP'])}`;
    case 14:
      return draw.oneIn(4) ? `${head} -F` : `${head} -F ${chain()}`;
    case 15:
      return draw.oneIn(3) ? `${head} -X` : `${head} -X ${own()}`;
    case 16:
      return `${head} -E ${own()} ${own()}`;
    case 17:
      return `${head} -C ${chain()} ${rule(draw, table)}`;
    case 18:
      // Which built-in chains nft made so far its dump does not show, and only those can be zeroed.
      if (tool.includes('nft')) return `${head} -L ${own()}`;
      return `${head} -Z ${chain()}`;
    default:
      return restore(draw, tool, table, builtin);
  }
}

function rule(draw: Draw, table: string): string {
  const tests = draw
    .from([
      '',
      '-s 10.0.0.0/8 ',
      '-p tcp --dport 80 ',
      '-p udp -m udp --sport 53 ',
      '-d 10.1.2.3 ! -i eth0 ',
      '-m mark --mark 0x1/0xff ',
      "-m comment --comment 'two words' ",
      '-m conntrack --ctstate RELATED,ESTABLISHED ',
      '-m set --match-set s1 src ',
    ])
    .replace(/10\.[\d.]*(\/8)?/, (address) => address);
  const targets: readonly [string, ...string[]] =
    table === 'nat'
      ? [
          '-j KUBE-A',
          '-j cali-b',
          '-j RETURN',
          '-j ACCEPT',
          '-j DNAT --to-destination 10.9.9.9:8080',
          '-j MASQUERADE',
          '-j DROP',
        ]
      : [
          '-j KUBE-A',
          '-j cali-b',
          '-g Z',
          '-j a1',
          '-j ACCEPT',
          '-j DROP',
          '-j RETURN',
          '-j REJECT',
          '-j LOG --log-prefix "x y"',
          '',
        ];
  const target = draw.from(targets);
  const tcp = target.includes(':8080') && !tests.includes('-p tcp') ? '-p tcp ' : '';
  return `${tcp === '' || !tests.includes('-p') ? tests : ''}${tcp}${target}`.trim();
}

function restore(draw: Draw, tool: string, table: string, builtin: string): string {
  const name = tool.replace(/$/, '-restore');
  const flush = draw.oneIn(4) ? '' : draw.from([' --noflush', ' -n', ' -nc', ' -n -w 5', ' -n -T filter']);
  const lines = tableLines(draw, table, builtin);
  // Each table is taken for itself: what is wrong with the second leaves the first.
  if (draw.oneIn(3)) lines.push(...tableLines(draw, 'filter', 'FORWARD'));
  return `${name}${flush} <<'END'\n${lines.join('\n')}\nEND\n`;
}

function tableLines(draw: Draw, table: string, builtin: string): string[] {
  const chain = draw.from(['KUBE-A', 'cali-b', 'a1']);
  const lines = [`*${table}`];
  if (draw.oneIn(2)) lines.push(`:${chain} - [0:0]`);
  if (draw.oneIn(4)) lines.push(`:${builtin} ACCEPT [0:0]`);
  for (let count = draw.below(3); count >= 0; count--)
    lines.push(
      draw.oneIn(2)
        ? `-A ${chain} ${rule(draw, table).replaceAll("'", '"')}`
        : `-${draw.from(['A', 'I', 'D'])} ${builtin} ${rule(draw, table).replaceAll("'", '"')}`,
    );
  lines.push('COMMIT');
  return lines;
}

/** Random commands of ipset, with now and then a rule that holds a set. */
export function ipsetCommand(draw: Draw): string {
  const name = () => draw.from(['a', 'b', 'c', 'n6', 'p', 'l']);
  const type = draw.from([
    'hash:ip',
    'hash:ip',
    'hash:net',
    'hash:ip netmask 24',
    'hash:net family inet6',
    'hash:ip,port',
    'hash:net,iface',
    'bitmap:ip range 10.0.0.0/24',
    'bitmap:port range 1-100',
    'list:set',
    'hash:ip timeout 600 counters comment',
    'hash:net maxelem 3',
    'hash:ip,port,net',
  ]);
  const ip = () => `10.0.${draw.below(2)}.${draw.below(6)}`;
  const element = draw.from([
    ip(),
    ip(),
    `${ip()}/30`,
    `10.0.0.1-10.0.0.${2 + draw.below(5)}`,
    `${ip()}/24`,
    `fd00::${1 + draw.below(3)}`,
    'fd00::/64',
    `${ip()},tcp:80`,
    `${ip()},udp:50-52`,
    `${ip()}/24,eth0`,
    'a',
    'b',
    `${ip()},tcp:80,10.9.0.0/16`,
  ]);
  const exist = draw.from(['', '', ' -exist']);
  switch (draw.below(16)) {
    case 0:
    case 1:
    case 2:
      return `ipset create ${name()} ${type}${exist}`;
    case 3:
      return `ipset swap ${name()} ${name()}`;
    case 4:
      return `ipset rename ${name()} ${name()}`;
    case 5:
      return draw.oneIn(3) ? `ipset destroy ${name()}` : `ipset flush ${name()}`;
    case 6:
      return draw.from([
        `iptables-legacy -A INPUT -m set --match-set ${name()} src -j DROP`,
        'iptables-legacy -F INPUT',
      ]);
    case 7:
      return `ipset${exist} del ${name()} ${element}`;
    case 8:
      return `ipset test ${name()} ${ip()}`;
    case 9:
      return `ipset restore${exist} <<'END'\n${setLines(draw, type, element).join('\n')}\nEND\n`;
    default:
      return `ipset add ${name()} ${element}${draw.oneIn(8) ? draw.from([' timeout 60', ' nomatch', ' comment "x y"']) : ''}${exist}`;
  }
}

/** Of lines that all stand in order the kernel takes those before the one that it refuses. */
function setLines(draw: Draw, type: string, element: string): readonly string[] {
  const name = () => draw.from(['a', 'b', 'c', 'r0', 'r1']);
  return Array.from({ length: 1 + draw.below(4) }, () =>
    draw.from([
      `create ${name()} ${type}`,
      `add ${name()} ${element}`,
      `add ${name()} 10.0.0.${draw.below(4)}`,
      `add ${name()} 10.0.0.${draw.below(4)}`,
      `del ${name()} 10.0.0.${draw.below(4)}`,
      `flush ${name()}`,
      `swap ${name()} ${name()}`,
      `destroy ${name()}`,
    ]),
  );
}
