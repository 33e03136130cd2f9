/** Numbers as files of /proc/net print them: IPv4 as the machine's own 32-bit word, IPv6 in the order of the wire or as four such words. net/ipv4/tcp_ipv4.c, net/ipv6/addrconf.c. */
import { type Ip, ip4, ip6 } from '@coldtrace/core';

/** Which end of a word comes first on the machine that printed it. */
export type ByteOrder = 'little' | 'big';

export function hexNumber(text: string): number | null {
  return /^[0-9a-fA-F]{1,8}$/.test(text) ? Number.parseInt(text, 16) : null;
}

/** Eight digits, a word of the machine: the address as a number. */
function wordOf(text: string, order: ByteOrder): number | null {
  if (!/^[0-9A-Fa-f]{8}$/.test(text)) return null;
  const word = Number.parseInt(text, 16);
  return order === 'big' ? word : swapped(word);
}

function swapped(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** 32 digits in the order of the wire. */
export function wireIp6(text: string): Ip | null {
  return ip6Of(text, 'big');
}

/** 32 digits, four words of the machine. */
export function ip6Of(text: string, order: ByteOrder): Ip | null {
  if (text.length !== 32) return null;
  const [a, b, c, d] = [0, 8, 16, 24].map((at) => wordOf(text.slice(at, at + 8), order));
  return a == null || b == null || c == null || d == null ? null : ip6(a, b, c, d);
}

export function ip4Of(text: string, order: ByteOrder): Ip | null {
  const word = wordOf(text, order);
  return word === null ? null : ip4(word);
}
