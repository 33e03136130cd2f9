/** `2.5mbit`, `10KiBps`: rates of `-m rateest`, which keeps bytes per second. iptables: extensions/libxt_rateest.c. */
import { type Refusal, refuse } from '../extension.js';

/** Bits of each unit. */
const units: Readonly<Record<string, number>> = {
  '': 1,
  bit: 1,
  kbit: 1e3,
  mbit: 1e6,
  gbit: 1e9,
  tbit: 1e12,
  kibit: 2 ** 10,
  mibit: 2 ** 20,
  gibit: 2 ** 30,
  tibit: 2 ** 40,
  bps: 8,
  kbps: 8e3,
  mbps: 8e6,
  gbps: 8e9,
  tbps: 8e12,
  kibps: 8 * 2 ** 10,
  mibps: 8 * 2 ** 20,
  gibps: 8 * 2 ** 30,
  tibps: 8 * 2 ** 40,
};

const most = 0xffffffff;

/** Bytes per second; a number without unit counts bits. */
export function readByteRate(text: string): number | Refusal {
  const [, digits, unit = ''] = /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([A-Za-z]{0,5})$/.exec(text) ?? [];
  const bits = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  if (digits === undefined || bits === undefined) return refuse(`"${text}" is not a rate`);
  const bytes = Math.floor((Number(digits) * bits) / 8);
  return bytes > most ? refuse(`rate ${text} is over ${most} bytes a second`) : bytes;
}

/** Rounded to thousands or millions of bits where it is long. */
export function formatByteRate(bytes: number): string {
  const bits = bytes * 8;
  if (bits >= 1e9) return `${nearestEven(bits / 1e6)}Mbit`;
  return bits >= 1e6 ? `${nearestEven(bits / 1e3)}Kbit` : `${bits}bit`;
}

/** As printf(3) rounds: halves go to the even neighbour. */
function nearestEven(value: number): number {
  const below = Math.floor(value);
  const left = value - below;
  return left > 0.5 || (left === 0.5 && below % 2 === 1) ? below + 1 : below;
}
