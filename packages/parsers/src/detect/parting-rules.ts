/** Where one listing of packet filter rules ends and the next begins: `iptables -t nat -S; iptables -S`. iptables(8). */

const builtIn: Readonly<Record<string, readonly string[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
};

/** `ip6tables-legacy nat`: the tool and the table that it lists. */
export function tableListed(command: string): string {
  return `${command.split(' ', 1)[0] ?? ''} ${tableOf(command)}`;
}

function tableOf(command: string): string {
  return /\s(?:-t|--table)[\s=]?(\w+)/.exec(command)?.[1] ?? 'filter';
}

/** The only chain that a command lists: `-nvL FORWARD`, `-S KUBE-SERVICES`. */
function chainOf(command: string): string | null {
  return /\s(?:-\w*[LS]|--list(?:-rules)?)\s+([^\s-]\S*)/.exec(command)?.[1] ?? null;
}

const chainLine = /^(?:Chain (\S+) \((policy)?|-(?:(P)|N|A) (\S+))/;

/** False for a chain that the command's table cannot have or that it was not asked for. */
export function mayListChain(command: string, line: string): boolean {
  const found = chainLine.exec(line);
  if (found === null) return true;
  const chain = found[1] ?? found[4] ?? '';
  const only = chainOf(command);
  if (only !== null) return chain === only;
  const isBuiltIn = (found[2] ?? found[3]) !== undefined;
  return !isBuiltIn || builtIn[tableOf(command)]?.includes(chain) !== false;
}

/** `-S` prints policies, then chains, then rules; `-L` no chain twice, and those with a policy first. */
export function startsListing(line: string, shown: () => string): boolean {
  if (/^-[PN] /.test(line)) {
    const text = shown();
    const above = text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
    return above.startsWith('-A ') || (line.startsWith('-P ') && above.startsWith('-N '));
  }
  const chain = /^Chain (\S+) \((policy)?/.exec(line);
  if (chain === null) return false;
  const text = shown();
  return (
    text.startsWith(`Chain ${chain[1]} (`) ||
    text.includes(`\nChain ${chain[1]} (`) ||
    (chain[2] !== undefined && / \(\d+ references\)$/m.test(text))
  );
}
