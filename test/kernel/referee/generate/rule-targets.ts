/** Targets of random rules: mostly such that the packet goes on, so that it meets many. iptables-extensions(8). */
import { anyDevice, marks, ports } from './pool.js';
import { natAddress, type RulePlace, setReference } from './rule-parts.js';

/** With what follows `-j` or `-g`; '' counts only. `chains` are user chains that may be jumped to from here. */
export function targetPart(place: RulePlace, proto: string | null, chains: readonly string[]): string {
  const { random, table } = place;
  const roll = random.unit();
  if (roll < 0.25) return '';
  if (roll < 0.45 && chains.length > 0) {
    return `-${random.chance(0.15) ? 'g' : 'j'} ${chains[random.below(chains.length)] ?? ''}`;
  }
  if (roll < 0.52) return '-j RETURN';
  if (roll < 0.62) return '-j ACCEPT';
  if (roll < 0.66 && table !== 'nat') return '-j DROP';
  if (place.sets.length > 0 && random.chance(0.2)) return setTarget(place);
  switch (table) {
    case 'nat':
      return natTarget(place, proto);
    case 'mangle':
      return mangleTarget(place, proto);
    case 'raw':
      return random.pick(['-j CT --notrack', '-j NOTRACK', setMark(place), '-j LOG', '']);
    case 'filter':
      return random.chance(0.6)
        ? rejectTarget(place, proto)
        : random.pick(['-j LOG --log-prefix "x "', '-j NFLOG --nflog-group 3', setMark(place)]);
    default:
      return setMark(place);
  }
}

/** Adds to a set, deletes from it, or takes a mark from it. */
export function setTarget({ sets, table, random }: RulePlace): string {
  const reference = () => setReference(sets, random);
  if (table === 'mangle' && random.chance(0.3)) return `-j SET --map-set ${reference()} --map-mark`;
  const exist = random.chance(0.3) ? ' --exist' : '';
  return random.pick([
    `-j SET --add-set ${reference()}${exist}`,
    `-j SET --add-set ${reference()}${exist}`,
    `-j SET --del-set ${reference()}`,
    `-j SET --add-set ${reference()}${exist} --del-set ${reference()}`,
  ]);
}

function rejectTarget({ pool, hooks, random }: RulePlace, proto: string | null): string {
  if (hooks.some((hook) => hook === 'PREROUTING' || hook === 'POSTROUTING')) return '';
  const four = [
    'net-unreachable',
    'host-unreachable',
    'port-unreachable',
    'proto-unreachable',
    'net-prohibited',
    'host-prohibited',
    'admin-prohibited',
  ];
  const six = [
    'icmp6-no-route',
    'icmp6-adm-prohibited',
    'icmp6-addr-unreachable',
    'icmp6-port-unreachable',
    'icmp6-policy-fail',
    'icmp6-reject-route',
  ];
  const kinds = pool.family === 4 ? four.map((kind) => `icmp-${kind}`) : six;
  if (proto === 'tcp' && random.chance(0.4)) return '-j REJECT --reject-with tcp-reset';
  return random.chance(0.3) ? '-j REJECT' : `-j REJECT --reject-with ${kinds[random.below(kinds.length)] ?? ''}`;
}

function setMark({ random }: RulePlace): string {
  const mark = `0x${random.pick(marks).toString(16)}`;
  return `-j MARK ${random.pick([`--set-xmark ${mark}/${mark}`, `--set-mark ${mark}`, `--or-mark ${mark}`, `--and-mark ${mark}`, `--xor-mark ${mark}`])}`;
}

function mangleTarget(place: RulePlace, proto: string | null): string {
  const { pool, hooks, random } = place;
  const choices = [
    setMark(place),
    setMark(place),
    setMark(place),
    `-j CONNMARK ${random.pick(['--save-mark', '--restore-mark', '--set-xmark 0x4/0x4', '--save-mark --nfmask 0xff --ctmask 0xff'])}`,
    `-j TOS --set-tos ${random.pick(['0x10', '0x08', '0x10/0x3f'])}`,
    `-j DSCP --set-dscp ${random.pick(['0x2e', '0x00'])}`,
    pool.family === 4
      ? `-j TTL --ttl-${random.pick(['set 10', 'set 1', 'dec 1', 'inc 1', 'dec 70'])}`
      : `-j HL --hl-${random.pick(['set 10', 'set 1', 'dec 1', 'inc 1', 'dec 70'])}`,
    '-j CLASSIFY --set-class 1:1',
    '-j LOG',
    ...(proto === 'tcp' ? ['-j TCPOPTSTRIP --strip-options mss'] : []),
    ...(hooks.every((hook) => hook === 'PREROUTING') && (proto === 'tcp' || proto === 'udp')
      ? [`-j TPROXY --on-port ${random.pick(ports)} --tproxy-mark 0x1/0x1`]
      : []),
  ];
  return choices[random.below(choices.length)] ?? '';
}

function natTarget(place: RulePlace, proto: string | null): string {
  const { pool, hooks, random } = place;
  const portable = proto === 'tcp' || proto === 'udp' || proto === 'sctp';
  const port = random.pick(ports);
  const sourceSide = hooks.every((hook) => hook === 'POSTROUTING' || hook === 'INPUT');
  const destinationSide = hooks.every((hook) => hook === 'PREROUTING' || hook === 'OUTPUT');
  const address = natAddress(pool, random);
  const withPort = portable && random.chance(0.5) ? `${bracketed(address, pool.family)}:${port}` : address;
  if (destinationSide) {
    return random.pick([
      `-j DNAT --to-destination ${withPort}`,
      `-j DNAT --to-destination ${withPort}`,
      `-j DNAT --to-destination ${withPort}`,
      portable && random.chance(0.6) ? `-j REDIRECT --to-ports ${port}` : '-j REDIRECT',
      `-j NETMAP --to ${anyDevice(pool, random).net}`,
    ]);
  }
  if (!sourceSide) return '';
  const source = random.chance(0.6) ? random.pick(anyDevice(pool, random).own) : address;
  const translated = portable && random.chance(0.3) ? `${bracketed(source, pool.family)}:${port}` : source;
  const masquerade = hooks.every((hook) => hook === 'POSTROUTING');
  return random.pick([
    `-j SNAT --to-source ${translated}`,
    masquerade ? '-j MASQUERADE' : `-j SNAT --to-source ${translated}`,
    masquerade && portable && random.chance(0.2)
      ? `-j MASQUERADE --to-ports ${port}`
      : `-j SNAT --to-source ${translated}`,
    masquerade ? '-j MASQUERADE' : '',
    random.chance(0.3) ? `-j NETMAP --to ${anyDevice(pool, random).net}` : '',
  ]);
}

const bracketed = (address: string, family: 4 | 6): string => (family === 6 ? `[${address}]` : address);
