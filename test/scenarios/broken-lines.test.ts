/** The tickets as they come through mail programs, fold(1), terminals and editors that break or space out lines, and through wikis and chats that run them together: the same answer, or the dump that is missing; healthy ones stay silent. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseSnapshot } from '@coldtrace/parsers';
import { analyze } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { sample } from '../cli/run.js';

const lined = (change: (line: string) => string) => (text: string) => text.split('\n').map(change).join('\n');
/** As terminals do: at the last column, wherever that is. */
const cut = (width: number) => lined((line) => line.replace(new RegExp(`.{${width}}(?=.)`, 'gu'), '$&\n'));
/** As `fold -s` does: behind the last blank that fits. */
const folded = (width: number) =>
  lined((line) => line.replace(new RegExp(`(?=.{${width + 1}})(?:.{0,${width - 1}}[ \\t]|.{${width}})`, 'gu'), '$&\n'));
/** As mail programs do: in the place of the blanks; long words stay whole. */
const mailed = (width: number) =>
  lined((line) =>
    line.replace(new RegExp(`(?=.{${width + 1}})(.{0,${width - 1}}\\S|\\s*\\S+) +(?=\\S)`, 'gu'), '$1\n'),
  );

const prompt = /^\s*(?:\[[^\]\s]+ [^\]\s]+\][$#]|[\w.-]+@[\w.-]+:\S*[$#]|[$#]) /;
const ofTables =
  /[$#] (?:sudo )?(?:ip (?!netns)|iptables-save|ipset|ipvsadm|sysctl|bridge|conntrack|ss|route|arp|ifconfig|openssl x509|cat \/run\/flannel)/;
/** As wikis and chats do: so many lines of an output become one. */
const runTogether = (count: number) => (text: string) => {
  const lines: string[] = [];
  let within = false;
  let taken = 0;
  for (const line of text.split('\n')) {
    const last = lines.length - 1;
    if (prompt.test(line) || line.trim() === '' || line.startsWith('```')) {
      within = prompt.test(line) && ofTables.test(line) && !/[|>]|-j /.test(line);
      taken = 0;
      lines.push(line);
    } else if (within && taken++ % count > 0) lines[last] = `${lines[last] ?? ''} ${line.trim()}`;
    else lines.push(line);
  }
  return lines.join('\n');
};

const forms: readonly (readonly [string, (text: string) => string])[] = [
  ['cut at 80', cut(80)],
  ['cut at 68', cut(68)],
  ['folded at 72', folded(72)],
  ['folded at 64', folded(64)],
  ['mailed at 72', mailed(72)],
  ['mailed at 76 and quoted', (text) => lined((line) => `> ${line}`)(mailed(76)(text))],
  ['quoted and mailed at 72', (text) => mailed(72)(lined((line) => `> ${line}`)(text))],
  ['mailed at 68 and indented', (text) => lined((line) => `    ${line}`)(mailed(68)(text))],
  ['in bullets', lined((line) => (line === '' ? '' : `- ${line}`))],
  ['spaced out', lined((line) => `${line}\n`)],
  ['run together', runTogether(10_000)],
  ['run together by twos', runTogether(2)],
  ['run together by threes', runTogether(3)],
];

/** What cannot be told from the text as it came: the answer is the dump that it lacks. */
const open: Readonly<Record<string, readonly string[]>> = {
  '03-cert-san-lacks-address': ['spaced out'],
  '06-pod-addresses-leaked': ['mailed at 76 and quoted'],
  '09-masquerade-hides-pod-source': ['spaced out'],
};

const read = (text: string) => analyze(parseSnapshot({ 'ticket.txt': text }));
const tickets = readdirSync(sample('')).filter((name) => /^\d\d-/.test(name));

describe.each(tickets)('%s', (name) => {
  const text = readFileSync(sample(`${name}/ticket.txt`), 'utf8');
  const plain = read(text);
  const known = new Set(plain.findings.map(({ rule }) => rule));

  it.each(forms)('%s', (form, change) => {
    const { findings, notEvaluated } = read(change(text));
    expect(findings.filter(({ rule }) => !known.has(rule))).toEqual([]);
    const [expected] = plain.findings;
    if (open[name]?.includes(form) === true) expect(notEvaluated.map(({ rule }) => rule)).toContain(expected?.rule);
    else expect(findings[0]).toMatchObject({ rule: expected?.rule, node: expected?.node });
  });
});

describe('what is healthy stays so', () => {
  const dumps: readonly (readonly [file: string, command: string])[] = [
    ['iptables-save.txt', 'iptables-save'],
    ['ip-addr.txt', 'ip addr'],
    ['ip-link.txt', 'ip -d link'],
    ['ip-route.txt', 'ip route show table all'],
    ['ip-rule.txt', 'ip rule'],
    ['ip-neigh.txt', 'ip neigh'],
    ['ss.txt', 'ss -tulpn'],
    ['ipset-list.txt', 'ipset list'],
    ['ipvsadm.txt', 'ipvsadm -Sn'],
    ['bridge-fdb.txt', 'bridge fdb'],
  ];
  const twins = [
    '02-neigh-lladdr-of-other-interface',
    '07-flannel-vtep-mac-stale',
    '12-ipvs-source-is-service-address',
  ];

  it.each(twins)('%s', (name) => {
    const nodes = readdirSync(sample(`${name}/healthy`), { withFileTypes: true }).filter((one) => one.isDirectory());
    const parts = nodes.flatMap(({ name: node }) => {
      const files = new Set(readdirSync(sample(`${name}/healthy/${node}`)));
      return dumps
        .filter(([file]) => files.has(file))
        .map(
          ([file, command]) =>
            `[root@${node} ~]# ${command}\n${readFileSync(sample(`${name}/healthy/${node}/${file}`), 'utf8')}`,
        );
    });
    expect(parts.length).toBeGreaterThan(8);
    for (const [form, change] of [...forms, ['mailed at 60', mailed(60)] as const]) {
      const { findings } = read(change(`Guten Tag, hier die Ausgaben.\n\n${parts.join('')}`));
      expect([form, findings.filter(({ severity }) => severity !== 'info')]).toEqual([form, []]);
    }
  });
});
