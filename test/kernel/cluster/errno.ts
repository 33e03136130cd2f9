/** The errors that a client may see of a connection that fails as `trace` says; it may see none, where it is busy or the error is lost. net/ipv4/icmp.c icmp_err_convert, net/ipv6/icmp.c tab_unreach. */
import type { Outcome } from '@coldtrace/core';

const unreachable4 = ['ENETUNREACH', 'EHOSTUNREACH', 'ENOPROTOOPT', 'ECONNREFUSED', 'EMSGSIZE', 'EOPNOTSUPP'] as const;
const further4: Readonly<Record<number, string>> = {
  6: 'ENETUNREACH',
  7: 'EHOSTDOWN',
  8: 'ENONET',
  9: 'ENETUNREACH',
  11: 'ENETUNREACH',
};
const unreachable6 = [
  'ENETUNREACH',
  'EACCES',
  'EHOSTUNREACH',
  'EHOSTUNREACH',
  'ECONNREFUSED',
  'EACCES',
  'EACCES',
] as const;

/** null: any. */
export function errorsOf({ disposition, rejectWith, reply, steps }: Outcome): readonly string[] | null {
  if (reply !== null) return [];
  // What a process sends is refused to it at once where its own node drops or rejects it.
  const own = /OUTPUT|POSTROUTING/.test(steps.at(-1)?.stage ?? '') ? ['EPERM'] : [];
  if (rejectWith !== null) return errorsTold(rejectWith)?.concat(own) ?? null;
  switch (disposition) {
    case 'martian':
    case 'rp-filtered':
      return [];
    case 'dropped':
      return own;
    case 'neighbour-unresolved':
    case 'looped':
      return ['EHOSTUNREACH'];
    default:
      return null;
  }
}

function errorsTold(rejectWith: string): readonly string[] | null {
  if (rejectWith === 'tcp-reset') return ['ECONNREFUSED'];
  if (/^E[A-Z]+$/.test(rejectWith)) return [rejectWith];
  const [, six, type, code] = /^icmp(v6)? (\d+)\/(\d+)$/.exec(rejectWith) ?? [];
  const at = Number(code);
  if (six === undefined && type === '3') return [unreachable4[at] ?? further4[at] ?? 'EHOSTUNREACH'];
  if (six !== undefined && type === '1') return [unreachable6[at] ?? 'EPROTO'];
  return type === undefined ? null : ['EHOSTUNREACH', 'EPROTO'];
}
