/** What uname(1) prints, word by word. */
import type { KernelIdentity } from '@coldtrace/core';

export type KernelWords = Omit<KernelIdentity, 'span' | 'trust'>;

export const bareKernel: KernelWords = { sysname: null, nodename: null, release: null, version: null, machine: null };

const machine =
  /^(?:x86_64|i[3-6]86|amd64|aarch64(?:_be)?|arm(?:v\d\w*|64)?|ppc64(?:le)?|s390x|riscv64|mips\w*|loongarch64|sparc64)$/;
const release = /^\d+\.\d+[\w.+~-]*$/;

/** `Linux NODE RELEASE #VERSION … MACHINE [PROCESSOR [PLATFORM]] GNU/Linux`, as `uname -a`; null for anything else. */
export function readUname(text: string): KernelWords | null {
  if (text.length > 1000 || !text.trimStart().startsWith('Linux ')) return null;
  const words = text.trim().split(/\s+/);
  const [sysname, nodename, third, fourth] = words;
  if (sysname !== 'Linux' || nodename === undefined || third === undefined) return null;
  if (release.test(nodename) && machine.test(third) && words.length <= 4) {
    return { ...bareKernel, sysname, release: nodename, machine: third };
  }
  if (!release.test(third) || fourth === undefined || !fourth.startsWith('#')) return null;
  const rest = words.slice(3);
  if (rest.at(-1) === 'GNU/Linux' || rest.at(-1) === 'Linux') rest.pop();
  let end = rest.length;
  while (end > 1 && (machine.test(rest[end - 1] ?? '') || rest[end - 1] === 'unknown')) end--;
  return { sysname, nodename, release: third, version: rest.slice(0, end).join(' '), machine: rest[end] ?? null };
}

/** `Linux version RELEASE (builder) (compiler) #VERSION`, as /proc/version and the first kernel message. */
export function readProcVersion(text: string): KernelWords | null {
  if (!text.startsWith('Linux version ') || text.length > 2000) return null;
  const word = text.slice(14).split(' ', 1)[0] ?? '';
  if (!release.test(word)) return null;
  const hash = text.lastIndexOf(' #');
  return { ...bareKernel, sysname: 'Linux', release: word, version: hash < 0 ? null : text.slice(hash + 1).trim() };
}

const order = ['s', 'n', 'r', 'v', 'm'] as const;
const fields = { s: 'sysname', n: 'nodename', r: 'release', v: 'version', m: 'machine' } as const;

/** The output of `uname` with options: what stands where follows from them (`-v` may hold blanks, so it must come alone or last). */
export function readByOptions(text: string, command: string): KernelWords | null {
  const letters = command
    .split(/\s+/)
    .slice(1)
    .filter((word) => /^-[a-z]+$/.test(word))
    .join('');
  const asked = order.filter((letter) => (letters === '' ? letter === 's' : letters.includes(letter)));
  if (/[^-snrvm]/.test(letters) || text.length > 1000) return null;
  const words = text.trim().split(/\s+/);
  const free = asked.indexOf('v');
  if (free < 0 ? words.length !== asked.length : free !== asked.length - 1 || words.length < asked.length) return null;
  const values = asked.map((letter, at) => [fields[letter], letter === 'v' ? words.slice(at).join(' ') : words[at]]);
  const read: KernelWords = { ...bareKernel, ...Object.fromEntries(values) };
  return read.release === null || release.test(read.release) ? read : null;
}

export function isRelease(text: string): boolean {
  return text.length < 100 && release.test(text);
}
