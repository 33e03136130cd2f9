/** Small clusters whose Service has two or three endpoints on hosts, with faults and without, on other networks than the sample's; for tests only. */
import type { Snapshot } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';

export interface EndpointsWorld {
  /** Last parts of the endpoints' addresses, in the order of the rules. */
  readonly endpoints: readonly number[];
  /** Servers that are in the snapshot, with what they listen on; null: the listing was not captured. */
  readonly servers: Readonly<Record<number, readonly number[] | null>>;
  /** Filter rules of servers. */
  readonly filters?: Readonly<Record<number, string>>;
  /** How the client's node balances. */
  readonly by?: 'rules' | 'ipvs' | 'nobody';
  readonly family?: 4 | 6;
  /** Neighbour entries of the client's node that are FAILED. */
  readonly failed?: readonly number[];
  readonly more?: Readonly<Record<string, string>>;
}

const target = 6443;

interface Plan {
  readonly host: (last: number) => string;
  readonly network: string;
  readonly service: string;
  readonly inet: string;
  readonly whole: number;
  readonly save: string;
}

const plans: Readonly<Record<4 | 6, Plan>> = {
  4: {
    host: (last) => `172.31.9.${last}`,
    network: '172.31.9.0/24',
    service: '10.0.0.1',
    inet: 'inet',
    whole: 32,
    save: 'iptables-save.txt',
  },
  6: {
    host: (last) => `fd31:9::${last}`,
    network: 'fd31:9::/64',
    service: 'fd00:10::1',
    inet: 'inet6',
    whole: 128,
    save: 'ip6tables-save.txt',
  },
};

const at = (ip: string, port: number) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
const mac = (last: number) => `52:54:00:31:09:${last.toString(16).padStart(2, '0')}`;

function hostFiles(name: string, last: number, family: 4 | 6, neighbours: string): Record<string, string> {
  const { host, network, inet, whole } = plans[family];
  const length = family === 4 ? 24 : 64;
  const own = host(last);
  const local = `local ${own} dev eth0 table local proto kernel${family === 4 ? ` scope host src ${own}` : ' metric 0 pref medium'} \n`;
  const rules = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n';
  return {
    hostname: `${name}\n`,
    'ip-addr.txt': `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n    link/ether ${mac(last)} brd ff:ff:ff:ff:ff:ff\n    ${inet} ${own}/${length} scope global ${family === 4 ? 'eth0' : ''}\n       valid_lft forever preferred_lft forever\n`,
    [family === 4 ? 'ip-route.txt' : 'ip-6-route.txt']:
      `${network} dev eth0 proto kernel${family === 4 ? ` scope link src ${own}` : ' metric 256 pref medium'} \ndefault via ${host(254)} dev eth0${family === 4 ? '' : ' metric 1024 pref medium'} \n${local}`,
    [family === 4 ? 'ip-rule.txt' : 'ip-6-rule.txt']:
      family === 4 ? `${rules}32767:\tfrom all lookup default\n` : rules,
    'ip-neigh.txt': neighbours,
    'ip-addrlabel.txt': 'prefix ::1/128 label 0 \nprefix ::/0 label 1 \n',
    'uname.txt': `Linux ${name} 5.15.0-91-generic #101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023 x86_64 GNU/Linux\n`,
    'sysctl.txt': `net.ipv4.conf.all.rp_filter = 0\nnet.ipv4.conf.eth0.rp_filter = 0\nnet.ipv4.ip_forward = 1\nnet.ipv6.conf.all.forwarding = 1\n${whole === 128 ? 'net.ipv6.conf.eth0.use_tempaddr = 0\n' : ''}`,
  };
}

/** kube-proxy's rules, with the shares that it gives. */
function serviceRules({ endpoints }: EndpointsWorld, family: 4 | 6): string {
  const { host, service, whole } = plans[family];
  const chains = endpoints.map((last) => `:KUBE-SEP-${last} - [0:0]\n`).join('');
  const jumps = endpoints.map((last, index) => {
    const left = endpoints.length - index;
    const chance = left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(11)}`;
    return `-A KUBE-SVC-API -m comment --comment "default/kubernetes:https"${chance} -j KUBE-SEP-${last}\n`;
  });
  const ends = endpoints.map(
    (last) => `-A KUBE-SEP-${last} -p tcp -m tcp -j DNAT --to-destination ${at(host(last), target)}\n`,
  );
  return `*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n${chains}:KUBE-SERVICES - [0:0]\n:KUBE-SVC-API - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n-A OUTPUT -j KUBE-SERVICES\n${ends.join('')}-A KUBE-SERVICES -d ${service}/${whole} -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-API\n${jumps.join('')}COMMIT\n`;
}

/** Another node whose kube-proxy knows these endpoints; nothing else of it was captured. */
export function otherNode(name: string, endpoints: readonly number[]): Readonly<Record<string, string>> {
  const { save } = plans[4];
  const rules = serviceRules({ endpoints, servers: {} }, 4) + emptyFilter;
  return { [`${name}/hostname`]: `${name}\n`, [`${name}/${save}`]: dumped(save, rules) };
}

/** All rules of a node that serves the Service and has a filter of its own. */
export const rules = (given: EndpointsWorld, filter: string) => serviceRules(given, 4) + filter;

const emptyFilter = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n';
const dumped = (save: string, text: string) =>
  `# Generated by ${save.replace('.txt', '')} v1.8.7 on Fri Nov 20 22:10:00 2026\n${text}`;

export function world(given: EndpointsWorld): Snapshot {
  const { endpoints, servers, filters = {}, by = 'rules', family = 4, failed = [], more = {} } = given;
  const { host, service, save } = plans[family];
  const others = [...new Set([...endpoints, ...Object.keys(servers).map(Number)])];
  const toServers = others
    .map((last) => `${host(last)} dev eth0 ${failed.includes(last) ? 'FAILED' : `lladdr ${mac(last)} REACHABLE`} \n`)
    .join('');
  const client: Record<string, string> = {
    ...hostFiles('web-1', 50, family, toServers),
    [save]: dumped(save, by === 'rules' ? serviceRules(given, family) + emptyFilter : emptyFilter),
    'ipvsadm.txt': `-A -t ${at(service, 443)} -s rr\n${endpoints.map((last) => `-a -t ${at(service, 443)} -r ${at(host(last), target)} -m -w 1\n`).join('')}`,
  };
  if (by === 'ipvs') client['sysctl.txt'] += 'net.ipv4.vs.conntrack = 1\n';
  else delete client['ipvsadm.txt'];
  const files = Object.entries(client).map(([name, text]): [string, string] => [`web-1/${name}`, text]);
  for (const [key, ports] of Object.entries(servers)) {
    const last = Number(key);
    const name = `api-${last}`;
    const own = hostFiles(name, last, family, `${host(50)} dev eth0 lladdr ${mac(50)} REACHABLE \n`);
    own[save] = dumped(save, filters[last] ?? emptyFilter);
    if (ports !== null) own['ss.txt'] = listing(ports);
    files.push(...Object.entries(own).map(([file, text]): [string, string] => [`${name}/${file}`, text]));
  }
  return parseSnapshot({ ...Object.fromEntries(files), ...more });
}

function listing(ports: readonly number[]): string {
  const rows = ports.map((port) => `tcp   LISTEN 0      4096               *:${port}             *:*    \n`).join('');
  return `Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess\nudp   UNCONN 0      0            127.0.0.1:323         0.0.0.0:*    \n${rows}`;
}

export function nodeTable(statuses: Readonly<Record<string, readonly [status: string, address: string]>>): string {
  const rows = Object.entries(statuses).map(
    ([name, [status, address]]) =>
      `${name}   ${status}   control-plane   9d   v1.24.17   ${address}   <none>   Ubuntu 22.04.3 LTS   5.15.0-91-generic   containerd://1.7.2\n`,
  );
  return `NAME   STATUS   ROLES   AGE   VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE   KERNEL-VERSION   CONTAINER-RUNTIME\n${rows.join('')}`;
}

/** The Service without a selector, and its endpoints, as kubectl prints them. */
export function objects(ips: readonly string[]): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: kubernetes\n  namespace: default\nspec:\n  clusterIP: 10.0.0.1\n  ports:\n  - name: https\n    port: 443\n    protocol: TCP\n    targetPort: 6443\n  type: ClusterIP\n---\napiVersion: v1\nkind: Endpoints\nmetadata:\n  name: kubernetes\n  namespace: default\nsubsets:\n- addresses:\n${ips.map((ip) => `  - ip: ${ip}\n`).join('')}  ports:\n  - name: https\n    port: 6443\n    protocol: TCP\n`;
}

/** The Service, and its endpoints as kube-proxy reads them. */
export function slices(ips: readonly string[]): string {
  const [service = ''] = objects(ips).split('---\n');
  const listed = ips.map((ip) => `- addresses:\n  - ${ip}\n  conditions:\n    ready: true\n`).join('');
  return `${service}---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata:\n  name: kubernetes\n  namespace: default\n  labels:\n    kubernetes.io/service-name: kubernetes\naddressType: IPv4\nendpoints:\n${listed}ports:\n- name: https\n  port: 6443\n  protocol: TCP\n`;
}
