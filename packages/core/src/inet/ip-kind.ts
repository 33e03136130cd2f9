/** The special-purpose blocks of addresses that the kernel or the tools treat apart (RFC 6890, include/linux/in.h, RFC 4291). */
import { type Ip, ip4 } from './ip.js';

/** 0.0.0.0 or `::`. */
export function isUnspecified(ip: Ip): boolean {
  return ip.a === 0 && ip.b === 0 && ip.c === 0 && ip.d === 0;
}

/** 127.0.0.0/8 or `::1`. */
export function isLoopback(ip: Ip): boolean {
  if (ip.family === 4) return ip.a >>> 24 === 127;
  return ip.a === 0 && ip.b === 0 && ip.c === 0 && ip.d === 1;
}

/** 224.0.0.0/4 or ff00::/8. */
export function isMulticast(ip: Ip): boolean {
  return ip.family === 4 ? ip.a >>> 28 === 0xe : ip.a >>> 24 === 0xff;
}

/** 169.254.0.0/16 or fe80::/10. */
export function isLinkLocal(ip: Ip): boolean {
  return ip.family === 4 ? ip.a >>> 16 === 0xa9fe : ip.a >>> 22 === 0x3fa;
}

/** 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918) or fc00::/7 (RFC 4193). 100.64.0.0/10 is {@link isSharedNat}. */
export function isPrivate(ip: Ip): boolean {
  if (ip.family === 6) return ip.a >>> 25 === 0x7e;
  return ip.a >>> 24 === 10 || ip.a >>> 20 === 0xac1 || ip.a >>> 16 === 0xc0a8;
}

/** 100.64.0.0/10, the shared address space of carriers, clouds and overlays (RFC 6598). */
export function isSharedNat(ip: Ip): boolean {
  return ip.family === 4 && ip.a >>> 22 === 0x191;
}

/** 255.255.255.255, the limited broadcast address. A subnet's own broadcast address is known to its routes only. */
export function isBroadcast4(ip: Ip): boolean {
  return ip.family === 4 && ip.a === 0xffffffff;
}

/** What the kernel calls "zeronet": 0.0.0.0 alone since Linux 5.3; the rest of 0.0.0.0/8 is ordinary. */
export function isZeronet(ip: Ip): boolean {
  return ip.family === 4 && ip.a === 0;
}

/** `::ffff:0:0/96`, an IPv4 address in IPv6 clothes as a dual-stack socket shows it. */
export function isIp4Mapped(ip: Ip): boolean {
  return ip.family === 6 && ip.a === 0 && ip.b === 0 && ip.c === 0xffff;
}

/** The IPv4 address where it is one in such clothes: sockets that are bound or connected to one speak IPv4. net/ipv6/tcp_ipv6.c, net/ipv6/datagram.c. */
export function unmapped(ip: Ip): Ip {
  return isIp4Mapped(ip) ? ip4(ip.d) : ip;
}
