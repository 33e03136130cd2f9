/** Published ports and isolated bridges as Docker's bridge driver writes them. */
import { endpoint, joined, restoreLines, type Shape, several } from './shape.js';

export const docker: Shape = {
  name: 'docker',
  devices: ['eth0', 'docker0', 'br-0123456789ab'],
  families: [4, 6],
  make: (pool, tool, random) => {
    const [, ...bridges] = pool.devices;
    const loopback = pool.family === 4 ? '127.0.0.0/8' : '::1/128';
    const published = several(random, 1, 4, (at) => {
      const bridge = random.pick([bridges[0] ?? pool.devices[0], bridges.at(-1) ?? pool.devices[0]]);
      return {
        bridge,
        proto: random.pick(['tcp', 'tcp', 'udp'] as const),
        port: 8080 + at,
        to: random.pick(bridge.hosts),
        inner: random.pick([80, 443]),
      };
    });
    const text = `*nat
      :DOCKER
      -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
      -A OUTPUT ! -d ${loopback} -m addrtype --dst-type LOCAL -j DOCKER
      ${joined(bridges.map(({ name, net }) => `-A POSTROUTING -s ${net} ! -o ${name} -j MASQUERADE`))}
      ${joined(published.map(({ proto, to, inner }) => `-A POSTROUTING -s ${to} -d ${to} -p ${proto} -m ${proto} --dport ${inner} -j MASQUERADE`))}
      ${joined(bridges.map(({ name }) => `-A DOCKER -i ${name} -j RETURN`))}
      ${joined(published.map(({ bridge, proto, port, to, inner }) => `-A DOCKER ! -i ${bridge.name} -p ${proto} -m ${proto} --dport ${port} -j DNAT --to-destination ${endpoint(to, inner)}`))}
      *filter
      :FORWARD ${random.pick(['DROP', 'ACCEPT'])} [0:0]
      :DOCKER
      :DOCKER-USER
      :DOCKER-ISOLATION-STAGE-1
      :DOCKER-ISOLATION-STAGE-2
      -A FORWARD -j DOCKER-USER
      -A FORWARD -j DOCKER-ISOLATION-STAGE-1
      ${joined(
        bridges.flatMap(({ name }) => [
          `-A FORWARD -o ${name} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
          `-A FORWARD -o ${name} -j DOCKER`,
          `-A FORWARD -i ${name} ! -o ${name} -j ACCEPT`,
          `-A FORWARD -i ${name} -o ${name} -j ${random.pick(['ACCEPT', 'DROP'])}`,
        ]),
      )}
      ${joined(published.map(({ bridge, proto, to, inner }) => `-A DOCKER -d ${to} ! -i ${bridge.name} -o ${bridge.name} -p ${proto} -m ${proto} --dport ${inner} -j ACCEPT`))}
      ${joined(bridges.map(({ name }) => `-A DOCKER-ISOLATION-STAGE-1 -i ${name} ! -o ${name} -j DOCKER-ISOLATION-STAGE-2`))}
      -A DOCKER-ISOLATION-STAGE-1 -j RETURN
      ${joined(bridges.map(({ name }) => `-A DOCKER-ISOLATION-STAGE-2 -o ${name} -j DROP`))}
      -A DOCKER-ISOLATION-STAGE-2 -j RETURN
      -A DOCKER-USER -j RETURN`;
    const node = pool.devices[0].own[0];
    const targets = published.flatMap(({ proto, port, to, inner }) => [
      { dst: node, proto, port },
      { dst: random.pick(pool.devices).own[0], proto, port },
      { dst: to, proto, port: inner },
    ]);
    return { lines: restoreLines(tool, text), targets };
  },
};
