/** dig(1) and nslookup(1) of BIND and busybox: whether a name server answered. */
import { parseIp } from '@coldtrace/core';
import type { Format, LineVerdict } from '../format.js';
import { type AttemptTool, readAttempts, type Step } from './attempt.js';
import { outcomeOf } from './outcome.js';
import { operands, targetOf } from './target.js';

/** `dig +short` prints what the name stands for and nothing else. */
function shortStep(text: string): Step | null {
  const line = text.trim();
  if (parseIp(line) !== null || /^[\w-]+(?:\.[\w-]+)*\.$/.test(line)) return { outcome: 'answered' };
  return step(text);
}

function step(text: string): Step | null {
  const line = text.trimEnd().slice(0, 600);
  if (/^; <<>> DiG /.test(line)) return { begins: true };
  const status = /^;; ->>HEADER<<- opcode: \w+, status: (\w+), id: \d+/.exec(line)?.[1];
  if (status !== undefined) return { outcome: status === 'NXDOMAIN' ? 'name-error' : 'answered' };
  const server = /^;; SERVER: ([0-9A-Fa-f.:]{2,45})#(\d{1,5})/.exec(line);
  if (server?.[1] !== undefined) return { target: targetOf(server[1], server[2] ?? null) };
  if (/^;; (?:connection timed out|no servers could be reached)|^;; communications error/.test(line)) {
    return { outcome: line.includes('refused') ? 'refused' : 'timeout' };
  }
  const named = /^Server:\s{1,8}(\S{1,255})$/.exec(line)?.[1];
  if (named !== undefined) return { begins: true, target: targetOf(named, '53') };
  if (/^\*\* server can't find |^nslookup: can't resolve /.test(line)) return { outcome: 'name-error' };
  if (/^nslookup: /.test(line)) return { outcome: outcomeOf(line) };
  if (/^Address(?: \d+)?:\s/.test(line)) return {};
  if (/^Name:\s{1,8}\S/.test(line)) return { outcome: 'answered' };
  if (/^(?:;|Non-authoritative answer:|\S+\s+\d+\s+IN\s|\S+\s+canonical name = )/.test(line)) return {};
  return null;
}

function verdictOf(text: string): LineVerdict {
  const line = text.slice(0, 600).trimEnd();
  if (
    /^; <<>> DiG |^;; ->>HEADER<<-|^nslookup: |^;; connection timed out; no servers|^\*\* server can't find /.test(line)
  )
    return 'opens';
  if (/^Server:\s{1,8}[0-9A-Fa-f.:]{2,45}$/.test(line)) return 'opens';
  return /^;; |^;\S+\s+IN\s|^Address(?: \d+)?:\s+[0-9A-Fa-f.:]+(?:#\d+)?(?:\s|$)|^Non-authoritative answer:|^\S+\.\s+\d+\s+IN\s+[A-Z]+\s/.test(
    line,
  )
    ? 'continues'
    : null;
}

const toolOf = (name: string, short: boolean): AttemptTool => ({
  tool: name,
  step: short ? shortStep : step,
  body: false,
  targetOfCommand: (words) => {
    const rest = words.slice(
      Math.max(
        words.findIndex((word) => /(?:^|\/)(?:dig|nslookup|host)$/.test(word)),
        0,
      ),
    );
    const server =
      rest.find((word) => word.startsWith('@'))?.slice(1) ?? operands(rest, new Set(['-p', '-t', '-c', '-b']))[1];
    return server === undefined ? null : targetOf(server, '53');
  },
});

export const dnsFormat: Format = {
  id: 'dns-query',
  title: 'a name lookup (dig, nslookup)',
  commands: [/^(?:\S*\/)?(?:busybox\s+)?(?:dig|nslookup)(?:\s|$)/],
  fileNames: [/^(?:dig|nslookup)/],
  line: verdictOf,
  parse: (section) =>
    readAttempts(
      section,
      toolOf(
        /\bdig\b|DiG/.test(`${section.command ?? ''} ${section.file.text.slice(section.start, section.start + 40)}`)
          ? 'dig'
          : 'nslookup',
        / \+short\b/.test(section.command ?? ''),
      ),
    ),
};
