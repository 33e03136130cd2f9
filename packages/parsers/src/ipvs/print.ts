/** Prints virtual services as `ipvsadm -Sn` does (ipvsadm.c, `print_service_entry`). Thresholds have no place there. */
import { formatIp, type Ip, type RealServer, type VirtualKey, type VirtualServer } from '@coldtrace/core';

const protocolOptions = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;
const forwardingOptions = { masq: '-m', route: '-g', tunnel: '-i' } as const;

/** As `ipvsadm -Sn` prints them. */
export function printIpvsSave(services: readonly VirtualServer[]): string {
  return services
    .map((service) => `${printService(service)}${service.servers.map(printServer(service.key)).join('')}`)
    .join('');
}

function printService(service: VirtualServer): string {
  const words = ['-A', printKey(service.key), '-s', service.scheduler];
  if (service.persistent !== null) words.push('-p', `${service.persistent}`);
  if (service.netmask !== null) words.push('-M', service.netmask);
  if (service.persistenceEngine !== undefined) words.push('--pe', service.persistenceEngine);
  if (service.onePacket) words.push('-o');
  if (service.schedulerFlags.length > 0) words.push('-b', service.schedulerFlags.join(','));
  return `${words.join(' ')}\n`;
}

function printServer(key: VirtualKey): (server: RealServer) => string {
  return (server) => {
    const address = `-r ${printAddress(server.ip, server.port)} ${forwardingOptions[server.forwarding]} -w ${server.weight}`;
    return `-a ${printKey(key)} ${address}${server.tunnel === undefined ? '' : ` ${server.tunnel}`}\n`;
  };
}

function printKey(key: VirtualKey): string {
  if (key.kind === 'fwmark') return `-f ${key.mark}${key.family === 6 ? ' -6' : ''}`;
  return `${protocolOptions[key.protocol]} ${printAddress(key.ip, key.port)}`;
}

function printAddress(ip: Ip, port: number): string {
  return ip.family === 6 ? `[${formatIp(ip)}]:${port}` : `${formatIp(ip)}:${port}`;
}
