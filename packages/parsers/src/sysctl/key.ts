/**
 * Canonical keys: the path below /proc/sys (sysctl(8), procps `slashdot`). The tools exchange every `.` and `/`; people write an
 * interface name's dots as they are, so that `net.ipv4.conf.eth0.100.rp_filter` has one reading only if the tree's shape is known.
 */

/** Directories below which stand `NAME/LEAF` and nothing deeper: whatever dots come before the last part belong to the name. */
const named = /^(net\/(?:ipv[46]\/(?:conf|neigh)|mpls\/conf)\/)([^/]*\/.*)(\/[^/]*)$/s;

/** What a key may begin with: directories of /proc/sys, narrowed where other programs have keys of the same look. */
const groups = 'abi|crypto|debug|dev|fs|kernel|net|sunrpc|user|vm|xen';
const keyShape = new RegExp(`^(?:/?proc/sys/)?(?:${groups})[./][a-z0-9_-]`);
const foreign = /^(?:user\.(?!max_)|dev\.(?!cdrom|hpet|mac_hid|parport|raid|rtc|scsi|tty|xe|i915|cdrom))/;

/** Whether the text looks like a key in any of its spellings. */
export function isKey(text: string): boolean {
  return text.length < 400 && keyShape.test(text) && !foreign.test(text) && !/[\s=:"'{}()[\],;]/.test(text);
}

/** Whether the text could be a key of a kernel that has more directories than these; only where it is known to be a dump. */
export function isUnusualKey(text: string): boolean {
  return text.length < 400 && /^[a-z][a-z0-9_-]*[./][^\s=:"'{}()[\],;]+$/.test(text);
}

/** The key as a path with `/` between its parts. Text that is no key comes back with its separators exchanged. */
export function canonicalKey(text: string): string {
  if (!text.includes('/')) return joinName(text.replaceAll('.', '/'));
  const path = /^\/?proc\/sys\/(.*)$/s.exec(text)?.[1];
  if (path !== undefined) return path;
  const dot = text.indexOf('.');
  const slash = text.indexOf('/');
  if (slash >= 0 && (dot < 0 || slash < dot)) return text;
  return joinName(exchange(text));
}

/** The key as `sysctl -a` prints it. */
export function dottedKey(key: string): string {
  return exchange(key);
}

function exchange(text: string): string {
  return text.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

function joinName(path: string): string {
  const found = named.exec(path);
  if (found === null) return path;
  const [, directory = '', name = '', leaf = ''] = found;
  return `${directory}${name.replaceAll('/', '.')}${leaf}`;
}
