/** The columns of a table whose heading a grep or `--no-headers` took away, by the command. k8s.io/kubernetes/pkg/printers/internalversion, 1.14 and later. */
import type { Column } from './columns.js';
import { askedBy } from './table-kinds.js';

const usual: Readonly<Record<string, { readonly plain: readonly string[]; readonly wide: readonly string[] }>> = {
  Pod: {
    plain: ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'],
    wide: ['IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES'],
  },
  Service: { plain: ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'], wide: ['SELECTOR'] },
  Node: {
    plain: ['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION'],
    wide: ['INTERNAL-IP', 'EXTERNAL-IP', 'OS-IMAGE', 'KERNEL-VERSION', 'CONTAINER-RUNTIME'],
  },
  Endpoints: { plain: ['NAME', 'ENDPOINTS', 'AGE'], wide: [] },
};

/** Where they stand is not known: rows are cut at their blanks. */
const nowhere = Number.MAX_SAFE_INTEGER;

/** Null where the command does not tell them all, or nothing took the heading away. */
export function columnsAsked(command: string | null): readonly Column[] | null {
  if (command === null || !/\|\s*\S*(?:grep|tail|awk|sed)\b|\s--no-headers\b/.test(command)) return null;
  if (/\|\s*(?:awk|cut)\b|\bcustom-columns|\s(?:-L|--label-columns)\b/.test(command)) return null;
  const { kind } = askedBy(command);
  const found = kind === null ? undefined : usual[kind];
  if (found === undefined) return null;
  const head = command.split('|', 1)[0] ?? '';
  const wide = /\s(?:-o[ =]?|--output[ =])wide\b/.test(head);
  const everywhere = /\s(?:-A|--all-namespaces)\b/.test(head);
  const labels = /\s--show-labels\b/.test(head);
  return [
    ...(everywhere ? ['NAMESPACE'] : []),
    ...found.plain,
    ...(wide ? found.wide : []),
    ...(labels ? ['LABELS'] : []),
  ].map((name) => ({ name, start: nowhere }));
}
