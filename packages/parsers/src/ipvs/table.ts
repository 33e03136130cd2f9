/** The virtual services that a section builds up, in the order of their first mention. */
import { formatIp, type RealServer, type Span, type VirtualKey, type VirtualServer } from '@coldtrace/core';

type Service = Omit<VirtualServer, 'servers' | 'span'>;

export interface IpvsTable {
  readonly services: Map<string, { readonly service: Service; span: Span; readonly servers: Map<string, RealServer> }>;
}

export function newTable(): IpvsTable {
  return { services: new Map() };
}

/** Adds a service, or finds the one that is there: a file may hold the same table twice (`--save`, then `-L`). */
export function putService(table: IpvsTable, service: Service, span: Span): void {
  const name = nameOf(service.key);
  if (!table.services.has(name)) table.services.set(name, { service, span, servers: new Map() });
}

/** False when the service is not there. */
export function putServer(table: IpvsTable, key: VirtualKey, server: RealServer): boolean {
  const entry = table.services.get(nameOf(key));
  if (entry === undefined) return false;
  const name = `${formatIp(server.ip)} ${server.port}`;
  const known = entry.servers.get(name);
  if (known === undefined) {
    entry.servers.set(name, server);
    return true;
  }
  const activeConnections = known.activeConnections ?? server.activeConnections;
  const inactiveConnections = known.inactiveConnections ?? server.inactiveConnections;
  entry.servers.set(name, { ...known, activeConnections, inactiveConnections });
  return true;
}

export function virtualServers(table: IpvsTable): readonly VirtualServer[] {
  return [...table.services.values()].map(({ service, span, servers }) => ({
    span,
    ...service,
    servers: [...servers.values()],
  }));
}

function nameOf(key: VirtualKey): string {
  return key.kind === 'fwmark' ? `f ${key.family} ${key.mark}` : `${key.protocol} ${formatIp(key.ip)} ${key.port}`;
}
