/** The UDP Service whose rule stands last among those of kube-proxy that lead to endpoints: a packet to it passes over all the others. */
export interface ServiceAddress {
  readonly address: string;
  readonly port: number;
}

export function lastService(dump: string): ServiceAddress {
  const rule = /^-A KUBE-SERVICES -d ([\d.]+)\/32 -p udp .*--dport (\d+) -j KUBE-SVC-\w+$/gm;
  let last: ServiceAddress | null = null;
  for (const [, address = '', port = ''] of dump.matchAll(rule)) last = { address, port: Number(port) };
  if (last === null) throw new Error('no UDP Service has endpoints');
  return last;
}
