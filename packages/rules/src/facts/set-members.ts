/** Addresses and ports that an IP set of type hash:ip,port holds, as text: `10.96.0.1,tcp:443`. ipset(8). */
import { bareElement, formatIp, formatProto, type Ip, type IpSet, type SetElement } from '@coldtrace/core';

/** As ipset prints the member. */
export function memberText(ip: Ip, proto: number, port: number): string {
  return `${formatIp(ip)},${formatProto(proto)}:${port}`;
}

const known = new WeakMap<IpSet, ReadonlySet<string>>();

export function holdsService(set: IpSet, ip: Ip, proto: number, port: number): boolean {
  let members = known.get(set);
  if (members === undefined) {
    members = new Set(set.elements.flatMap(textOf));
    known.set(set, members);
  }
  return members.has(memberText(ip, proto, port));
}

function textOf({ parts: [address, port] }: SetElement): readonly string[] {
  if (address?.kind !== 'ip' || port?.kind !== 'port' || port.proto === null) return [];
  return [memberText(address.ip, port.proto, port.ports.first)];
}

export function serviceMember(ip: Ip, proto: number, port: number): SetElement {
  return {
    span: { file: -1, start: 0, end: 0 },
    parts: [
      { kind: 'ip', ip },
      { kind: 'port', proto, ports: { first: port, last: port } },
    ],
    ...bareElement,
  };
}
