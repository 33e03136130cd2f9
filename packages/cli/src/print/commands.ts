/** Commands as people copy them: a long one goes on behind a backslash, where a shell would read the same. POSIX XCU 2.2.1, 2.3. */
import { printable, textWidth } from '@coldtrace/core';

const tools = new Set(
  'arptables bridge calicoctl chmod conntrack cp crictl ctr curl docker ebtables echo ethtool find firewall-cmd helm hostname ip ip6tables ip6tables-save ip6tables-restore ipset iptables iptables-save iptables-restore ipvsadm journalctl k3s kubeadm kubectl mkdir modprobe mv netplan nft nmcli openssl printf rm rmdir sed ss ssh sudo sysctl systemctl tar tc tee timedatectl touch truncate ufw'.split(
    ' ',
  ),
);

/** Is it for a shell? Sentences do not begin with the name of a tool. */
export function isCommand(text: string): boolean {
  return tools.has(text.slice(0, `${text} `.indexOf(' ')));
}

/** `room`: columns of the lines, and of the first one; what goes on is moved in by two. Here-documents and quoted text of several lines stay as they are. */
export function commandLines(command: string, room: number, firstRoom = room): readonly string[] {
  const lines = command.split('\n').map(printable);
  let ends: string | null = null;
  const shown: string[] = [];
  for (const [index, line] of lines.entries()) {
    const free = index === 0 ? firstRoom : room;
    const isText = ends !== null;
    if (line === ends) ends = null;
    else if (!isText) ends = hereDocument.exec(line)?.[2] ?? null;
    if (!isText && !isWhole(line)) return lines;
    shown.push(...(isText || textWidth(line) <= free ? [line] : broken(unitsOf(line), room, free)));
  }
  return shown;
}

const hereDocument = /<<-?\s*(['"]?)([\w.-]+)\1/;

export function hasHereDocument(command: string): boolean {
  return command.includes('\n') && hereDocument.test(command);
}

/** No quote is left open, and no line goes on already. */
function isWhole(line: string): boolean {
  const rest = line.replace(/'[^']*'|"(?:\\.|[^"\\])*"|\\./g, '');
  return !/['"\\]/.test(rest.replace(/#.*$/, ''));
}

function broken(words: readonly string[], room: number, firstRoom: number): readonly string[] {
  const done: string[] = [];
  let line = '';
  words.forEach((word, index) => {
    const free = (done.length === 0 ? firstRoom : room) - (index === words.length - 1 ? 0 : 2);
    const joined = line === '' ? word : `${line} ${word}`;
    if (line.trim() !== '' && textWidth(joined) > free) {
      done.push(`${line} \\`);
      line = `  ${word}`;
    } else line = joined;
  });
  return [...done, line];
}

/** Cut at spaces where a shell cuts: quoted text stays whole, so does a comment; an option keeps its value, and a tool its first word. */
function unitsOf(line: string): readonly string[] {
  const words = line.match(/#.*|(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\]|['"\\])+/g) ?? [line];
  const units: string[] = [];
  words.forEach((word, index) => {
    const [before, earlier] = [words[index - 1], words[index - 2]];
    const isFirst = before !== undefined && (earlier === undefined || endsCommand.test(earlier));
    const isValue = before !== undefined && /^-[^\s=]*$/.test(before) && !/^[-#]/.test(word);
    if ((isFirst && !endsCommand.test(before)) || isValue) units.push(`${units.pop()} ${word}`);
    else units.push(word);
  });
  return units;
}

const endsCommand = /(?:;|^\|\|?|^&&)$/;
