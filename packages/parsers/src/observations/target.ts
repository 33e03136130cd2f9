/** Whom a command like curl or ping is told to reach. */
import { type Ip, parseIp, parsePort } from '@coldtrace/core';

export interface Target {
  readonly target: string;
  readonly ip: Ip | null;
  readonly port: number | null;
}

/** Host and port as two texts. */
export function targetOf(host: string, port: string | null): Target {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const number = port === null ? null : parsePort(port);
  return { target: port === null ? host : `${host}:${port}`, ip: parseIp(bare), port: number };
}

const schemePorts: Readonly<Record<string, string>> = { http: '80', https: '443', telnet: '23', ftp: '21' };

/** The target of a URL or of `host[:port][/path]`; null for a text that is neither. */
export function targetOfUrl(url: string): Target | null {
  if (url.length > 2000) return null;
  const match =
    /^(?:([a-z][a-z0-9+.-]{0,20}):\/\/)?(?:[^@/\s]{1,200}@)?(\[[0-9A-Fa-f:.%\w]+\]|[\w.-]+)(?::(\d{1,5}))?(?:[/?#]|$)/.exec(
      url,
    );
  const host = match?.[2];
  if (host === undefined) return null;
  const scheme = match?.[1] ?? 'http';
  const port = match?.[3] ?? schemePorts[scheme] ?? null;
  return { ...targetOf(host, port), target: url };
}

/** Words of a command that are no options; options whose value is the next word are named by the caller. */
export function operands(words: readonly string[], valued: ReadonlySet<string>): readonly string[] {
  const found: string[] = [];
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '' || word === '|' || word.startsWith('|') || word === ';' || word === '&&' || word.startsWith('>')) {
      if (word === '') continue;
      break;
    }
    if (word.startsWith('-') && word !== '-') {
      if (valued.has(word)) at++;
      continue;
    }
    found.push(word.replace(/^['"]|['"]$/g, ''));
  }
  return found;
}
