/** Ports of services(5) names that nodes commonly show when `-n` was left out (IANA service names). */
const ports: Readonly<Record<string, number>> = {
  bgp: 179,
  bootpc: 68,
  bootps: 67,
  'dhcpv6-client': 546,
  domain: 53,
  'etcd-client': 2379,
  'etcd-server': 2380,
  http: 80,
  'http-alt': 8080,
  https: 443,
  mdns: 5353,
  mysql: 3306,
  nfs: 2049,
  ntp: 123,
  postgresql: 5432,
  redis: 6379,
  smtp: 25,
  snmp: 161,
  ssh: 22,
  'sun-sr-https': 6443,
  sunrpc: 111,
  syslog: 514,
  webcache: 8080,
  'zabbix-agent': 10050,
};

const byName: ReadonlyMap<string, number> = new Map(Object.entries(ports));

export function servicePort(name: string): number | null {
  return byName.get(name) ?? null;
}
