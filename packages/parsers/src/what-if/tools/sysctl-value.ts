/** What a kernel parameter holds after a value was written to it; numbers go where numbers were. kernel/sysctl.c do_proc_dointvec(). */

const numbers = /^\s*-?\d+(?:\s+-?\d+)*\s*$/;
const largestInt = 0x7fffffff;
const bounds: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ['net/ipv4/ip_default_ttl', [1, 255]],
]);

/** null: the kernel refuses it. `before` undefined: nobody knows what was there. */
export function takenValue(key: string, value: string, before: string | undefined): string | null {
  if (before === undefined || !numbers.test(before)) return value;
  const there = before.trim().split(/\s+/);
  const typed = value.split(/\s+/).filter((word) => word !== '');
  const read = typed.map(numberOf);
  if (read.length === 0 || !read.every((one) => one !== null && isWithin(key, one))) return null;
  // Of several numbers those that are not written stay.
  return there.map((old, at) => String(read[at] ?? old)).join('\t');
}

function numberOf(word: string): number | null {
  return /^-?(?:0x[\da-f]+|\d+)$/i.test(word) ? Number(word.replace('-', '')) * (word.startsWith('-') ? -1 : 1) : null;
}

/** Only the parameters of devices are known to be ints. */
function isWithin(key: string, number: number): boolean {
  const [least, most] =
    bounds.get(key) ?? (/^net\/ipv[46]\/conf\//.test(key) ? [-largestInt - 1, largestInt] : [-Infinity, Infinity]);
  return number >= least && number <= most;
}
