/** Host firewalls: zones as firewalld writes them, and levels of chains as ufw does. */
import { joined, restoreLines, type Shape, several } from './shape.js';

export const firewalld: Shape = {
  name: 'firewalld',
  devices: ['eth0', 'eth1', 'eth2'],
  families: [4, 6],
  make: (pool, tool, random) => {
    const zones = ['public', 'internal'] as const;
    const zoneOf = pool.devices.map(({ name }, at) => ({ name, zone: at === 0 ? 'public' : random.pick(zones) }));
    const icmp = pool.family === 4 ? 'icmp' : 'ipv6-icmp';
    const prohibited = pool.family === 4 ? 'icmp-host-prohibited' : 'icmp6-adm-prohibited';
    const open = several(random, 1, 3, () => ({
      proto: random.pick(['tcp', 'udp'] as const),
      port: random.pick([53, 80, 443, 8080]),
    }));
    const chains = (way: string, flag: string) => `
      -A ${way}_ZONES_JUMP -j ${way}_ZONES
      ${joined(zoneOf.map(({ name, zone }) => `-A ${way}_ZONES ${flag} ${name} -g ${way.slice(0, 3)}_${zone}`))}
      -A ${way}_ZONES -g ${way.slice(0, 3)}_public`;
    const text = `*mangle
      :PREROUTING_direct
      -A PREROUTING -j PREROUTING_direct
      *nat
      :POS_public
      :POS_ZONES
      -A POSTROUTING -j POS_ZONES
      -A POS_ZONES -o ${pool.devices[0].name} -g POS_public
      ${random.chance(0.6) ? '-A POS_public ! -o lo -j MASQUERADE' : ''}
      *filter
      :INPUT_ZONES
      :INPUT_ZONES_JUMP
      :FWDI_ZONES
      :FWDI_ZONES_JUMP
      ${joined(zones.flatMap((zone) => [`:INP_${zone}`, `:FWD_${zone}`, `:IN_${zone}_allow`, `:IN_${zone}_deny`]))}
      -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT
      -A INPUT -i lo -j ACCEPT
      -A INPUT -j INPUT_ZONES_JUMP
      -A INPUT -m conntrack --ctstate INVALID -j DROP
      -A INPUT -j REJECT --reject-with ${prohibited}
      -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT
      -A FORWARD -i lo -j ACCEPT
      -A FORWARD -j FWDI_ZONES_JUMP
      -A FORWARD -m conntrack --ctstate INVALID -j DROP
      -A FORWARD -j REJECT --reject-with ${prohibited}
      ${chains('INPUT', '-i')}
      ${chains('FWDI', '-i').replace(/FWD_/g, 'FWD_')}
      ${joined(zones.flatMap((zone) => [`-A INP_${zone} -j IN_${zone}_deny`, `-A INP_${zone} -j IN_${zone}_allow`, `-A INP_${zone} -p ${icmp} -j ACCEPT`]))}
      ${joined(open.map(({ proto, port }) => `-A IN_${random.pick(zones)}_allow -p ${proto} -m ${proto} --dport ${port} -m conntrack --ctstate NEW,UNTRACKED -j ACCEPT`))}
      -A FWD_internal -j ACCEPT
      -A FWD_public -p ${icmp} -j ACCEPT`;
    const targets = pool.devices.flatMap(({ own, hosts }) =>
      open.flatMap(({ proto, port }) => [own[0], random.pick(hosts)].map((dst) => ({ dst, proto, port }))),
    );
    return { lines: restoreLines(tool, text), targets };
  },
};

export const ufw: Shape = {
  name: 'ufw',
  devices: ['eth0', 'eth1'],
  families: [4, 6],
  make: (pool, tool, random) => {
    const prefix = pool.family === 4 ? 'ufw' : 'ufw6';
    const icmp = pool.family === 4 ? '-p icmp -m icmp --icmp-type' : '-p ipv6-icmp -m icmp6 --icmpv6-type';
    const open = several(random, 1, 4, () => ({
      proto: random.pick(['tcp', 'udp'] as const),
      port: random.pick([53, 80, 443, 4000]),
    }));
    const from = random.pick(pool.devices).net;
    const text = `*filter
      :INPUT DROP [0:0]
      :FORWARD ${random.pick(['DROP', 'ACCEPT'])} [0:0]
      ${joined(['before-input', 'user-input', 'not-local', 'reject-input', 'skip-to-policy-input', 'before-forward', 'user-forward', 'track-output', 'before-output'].map((name) => `:${prefix}-${name}`))}
      -A INPUT -j ${prefix}-before-input
      -A INPUT -j ${prefix}-reject-input
      -A FORWARD -j ${prefix}-before-forward
      -A OUTPUT -j ${prefix}-before-output
      -A OUTPUT -j ${prefix}-track-output
      -A ${prefix}-before-input -i lo -j ACCEPT
      -A ${prefix}-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      -A ${prefix}-before-input -m conntrack --ctstate INVALID -j DROP
      -A ${prefix}-before-input ${icmp} ${pool.family === 4 ? '8' : '128'} -j ACCEPT
      -A ${prefix}-before-input -p udp -m udp --sport 67 --dport 68 -j ACCEPT
      -A ${prefix}-before-input -j ${prefix}-not-local
      -A ${prefix}-before-input -j ${prefix}-user-input
      -A ${prefix}-not-local -m addrtype --dst-type LOCAL -j RETURN
      -A ${prefix}-not-local -m addrtype --dst-type MULTICAST -j RETURN
      ${pool.family === 4 ? `-A ${prefix}-not-local -m addrtype --dst-type BROADCAST -j RETURN` : ''}
      -A ${prefix}-not-local -j DROP
      ${joined(open.map(({ proto, port }) => `-A ${prefix}-user-input ${random.chance(0.3) ? `-s ${from} ` : ''}-p ${proto} -m ${proto} --dport ${port} -j ACCEPT`))}
      -A ${prefix}-reject-input -j ${random.pick(['DROP', 'REJECT'])}
      -A ${prefix}-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      -A ${prefix}-before-forward ${icmp} ${pool.family === 4 ? '3' : '1'} -j ACCEPT
      -A ${prefix}-before-forward -j ${prefix}-user-forward
      -A ${prefix}-user-forward -d ${from} -j ACCEPT
      -A ${prefix}-before-output -o lo -j ACCEPT
      -A ${prefix}-before-output -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      -A ${prefix}-track-output -p tcp -m conntrack --ctstate NEW -j ACCEPT
      -A ${prefix}-track-output -p udp -m conntrack --ctstate NEW -j ACCEPT`;
    const targets = pool.devices.flatMap(({ own, hosts }) =>
      open.flatMap(({ proto, port }) => [own[0], random.pick(hosts)].map((dst) => ({ dst, proto, port }))),
    );
    return { lines: restoreLines(tool, text), targets };
  },
};
