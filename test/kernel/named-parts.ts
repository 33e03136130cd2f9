/** What one script prints for several purposes, dumps above all: each part stands below its name. */

/** What most questions about one or two nodes need; a test adds its own, or another command for one of these. */
export const ordinaryDumps = {
  'ip-addr.txt': 'ip addr',
  'ip-link.txt': 'ip -d link',
  'ip-route.txt': 'ip route show table all',
  'ip-rule.txt': 'ip rule',
  'ip-neigh.txt': 'ip neigh',
  'iptables-save.txt': 'iptables-legacy-save',
  'sysctl.txt': "sysctl -a --pattern '^net'",
} as const;

/** The shell line below which the part of this name stands. */
export const part = (name: string): string => `echo "===== ${name}"`;

/** Shell lines that print each dump, its file below the folder `where`; `inside` is what to put before a command, such as `ip netns exec a`. */
export function showing(dumps: Readonly<Record<string, string>>, where: string, inside = ''): readonly string[] {
  return Object.entries(dumps).map(
    ([file, command]) => `${part(`${where}${file}`)}; ${inside} sh -c "${command}" 2>/dev/null || true`,
  );
}

export function partsOf(printed: string): Readonly<Record<string, string>> {
  const parts = printed.split(/^===== (.*)\n/m).slice(1);
  return Object.fromEntries(parts.flatMap((name, at) => (at % 2 === 0 ? [[name, parts[at + 1] ?? '']] : [])));
}
