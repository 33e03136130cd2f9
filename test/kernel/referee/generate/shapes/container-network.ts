/** Container networks: flannel's masquerading, the CNI plugin portmap, and the redirection that Istio puts into pods. */
import { endpoint, joined, restoreLines, type Shape, several } from './shape.js';

export const flannel: Shape = {
  name: 'flannel',
  devices: ['eth0', 'cni0', 'eth1'],
  families: [4, 6],
  make: (pool, tool, random) => {
    const pods = (pool.devices[1] ?? pool.devices[0]).net;
    const cluster = pool.family === 4 ? '10.0.0.0/14' : 'fd00::/16';
    const multicast = pool.family === 4 ? '224.0.0.0/4' : 'ff00::/8';
    const text = `*nat
      :FLANNEL-POSTRTG
      -A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
      -A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -j RETURN
      -A FLANNEL-POSTRTG -s ${pods} -d ${cluster} -j RETURN
      -A FLANNEL-POSTRTG -s ${cluster} -d ${pods} -j RETURN
      -A FLANNEL-POSTRTG ! -s ${cluster} -d ${pods} -j RETURN
      -A FLANNEL-POSTRTG -s ${cluster} ! -d ${multicast} -j MASQUERADE${random.chance(0.2) ? ' --random-fully' : ''}
      -A FLANNEL-POSTRTG ! -s ${cluster} -d ${cluster} -j MASQUERADE
      *filter
      :FLANNEL-FWD
      ${random.chance(0.5) ? ':FORWARD DROP [0:0]' : ''}
      -A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
      -A FLANNEL-FWD -s ${cluster} -j ACCEPT
      -A FLANNEL-FWD -d ${cluster} -j ACCEPT`;
    const targets = several(random, 4, 8, () => ({
      dst: random.pick(random.pick(pool.devices).hosts),
      proto: random.pick(['tcp', 'udp'] as const),
      port: 80,
    }));
    return { lines: restoreLines(tool, text), targets };
  },
};

export const portmap: Shape = {
  name: 'portmap',
  devices: ['eth0', 'cni0'],
  families: [4, 6],
  make: (pool, tool, random) => {
    const bridge = pool.devices[1] ?? pool.devices[0];
    const mapped = several(random, 1, 3, (at) => ({
      id: `DN-${at}0123456789`,
      pod: random.pick(bridge.hosts),
      proto: random.pick(['tcp', 'udp'] as const),
      host: 8080 + at,
      port: random.pick([80, 443]),
    }));
    const local = pool.family === 4 ? '127.0.0.1' : '::1';
    const text = `*nat
      :CNI-HOSTPORT-DNAT
      :CNI-HOSTPORT-SETMARK
      :CNI-HOSTPORT-MASQ
      ${joined(mapped.map(({ id }) => `:CNI-${id}`))}
      -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
      -A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
      -A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ
      -A CNI-HOSTPORT-SETMARK -m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000
      -A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE
      ${joined(
        mapped.flatMap(({ id, pod, proto, host, port }) => [
          `-A CNI-HOSTPORT-DNAT -p ${proto} -m comment --comment "dnat name: \\"x\\" id: ${id}" -m multiport --dports ${host} -j CNI-${id}`,
          `-A CNI-${id} -s ${bridge.net} -p ${proto} -m ${proto} --dport ${host} -j CNI-HOSTPORT-SETMARK`,
          ...(pool.family === 4
            ? [`-A CNI-${id} -s ${local} -p ${proto} -m ${proto} --dport ${host} -j CNI-HOSTPORT-SETMARK`]
            : []),
          `-A CNI-${id} -p ${proto} -m ${proto} --dport ${host} -j DNAT --to-destination ${endpoint(pod, port)}`,
        ]),
      )}`;
    const targets = mapped.flatMap(({ pod, proto, host, port }) => [
      { dst: pool.devices[0].own[0], proto, port: host },
      ...(pool.family === 4 ? [{ dst: local, proto, port: host }] : []),
      { dst: pod, proto, port },
    ]);
    return { lines: restoreLines(tool, text), targets };
  },
};

export const istio: Shape = {
  name: 'Istio',
  devices: ['eth0', 'eth1'],
  families: [4, 6],
  make: (pool, tool, random) => {
    const local = pool.family === 4 ? '127.0.0.1/32' : '::1/128';
    const six = pool.family === 4 ? '127.0.0.6/32' : '::6/128';
    const own = random.chance(0.5) ? '1337' : '0';
    const text = `*nat
      :ISTIO_INBOUND
      :ISTIO_IN_REDIRECT
      :ISTIO_OUTPUT
      :ISTIO_REDIRECT
      -A PREROUTING -p tcp -j ISTIO_INBOUND
      -A OUTPUT -p tcp -j ISTIO_OUTPUT
      -A ISTIO_INBOUND -p tcp -m tcp --dport 15008 -j RETURN
      -A ISTIO_INBOUND -p tcp -m tcp --dport 15090 -j RETURN
      -A ISTIO_INBOUND -p tcp -m tcp --dport 22 -j RETURN
      -A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT
      -A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports 15006
      -A ISTIO_OUTPUT -s ${six} -o lo -j RETURN
      -A ISTIO_OUTPUT ! -d ${local} -o lo -p tcp -m tcp ! --dport 53 -m owner --uid-owner ${own} -j ISTIO_IN_REDIRECT
      -A ISTIO_OUTPUT -o lo -m owner ! --uid-owner ${own} -j RETURN
      -A ISTIO_OUTPUT -m owner --uid-owner ${own} -j RETURN
      -A ISTIO_OUTPUT ! -d ${local} -o lo -m owner --gid-owner ${own} -j ISTIO_IN_REDIRECT
      -A ISTIO_OUTPUT -o lo -m owner ! --gid-owner ${own} -j RETURN
      -A ISTIO_OUTPUT -m owner --gid-owner 1338 -j RETURN
      -A ISTIO_OUTPUT -d ${local} -j RETURN
      -A ISTIO_OUTPUT -j ISTIO_REDIRECT
      -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001`;
    const targets = [15008, 22, 80, 443, 15090].flatMap((port) =>
      [random.pick(pool.devices).own[0], random.pick(random.pick(pool.devices).hosts), local.replace(/\/\d+$/, '')].map(
        (dst) => ({ dst, proto: 'tcp' as const, port }),
      ),
    );
    return { lines: restoreLines(tool, text), targets };
  },
};
