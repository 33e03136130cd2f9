/** The words of a kubectl command: what it does to what, and how. kubectl(1), `kubectl options`. */
import type { ShellWord } from './shell/syntax.js';

export interface KubectlWords {
  /** The verb, the kind and the names. */
  readonly plain: readonly ShellWord[];
  readonly namespace: string | null;
  readonly fromInput: boolean;
  /** An option that selects in another way than by name. */
  readonly selector: ShellWord | null;
  /** Options by their long names; null: without a value. */
  readonly options: ReadonlyMap<string, ShellWord | null>;
}

const long: Readonly<Record<string, string>> = {
  n: 'namespace',
  f: 'filename',
  p: 'patch',
  l: 'selector',
  o: 'output',
};

/** Options with a value behind a blank. */
const valued = new Set([
  ...[
    'namespace',
    'filename',
    'patch',
    'patch-file',
    'type',
    'selector',
    'field-selector',
    'output',
    'context',
    'kubeconfig',
  ],
  ...['cluster', 'user', 'server', 'token', 'as', 'as-group', 'request-timeout', 'field-manager', 'subresource'],
  ...['resource-version', 'grace-period', 'timeout', 'replicas', 'current-replicas', 's', 'k', 'v', 'kustomize'],
]);

export function readKubectlWords(args: readonly ShellWord[]): KubectlWords {
  const plain: ShellWord[] = [];
  const options = new Map<string, ShellWord | null>();
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined) break;
    const option = readOption(word);
    if (option === null) plain.push(word);
    else if (option.value !== null || !valued.has(option.name)) options.set(option.name, option.value);
    else options.set(option.name, args[++at] ?? null);
  }
  const selecting = ['selector', 'field-selector', 'all', 'A', 'all-namespaces'];
  const selector = args.find((word) => selecting.includes(readOption(word)?.name ?? '')) ?? null;
  const namespace = options.get('namespace')?.text ?? null;
  return { plain, namespace, fromInput: options.get('filename')?.text === '-', selector, options };
}

interface Option {
  readonly name: string;
  readonly value: ShellWord | null;
}

/** `--type=merge`, `-nkube-system`, `-n=kube-system`; null: it is none. */
function readOption(word: ShellWord): Option | null {
  const found = /^(?:--([a-z][\w-]*)|-([A-Za-z]))(=?)([\s\S]*)$/.exec(word.text);
  if (found === null) return null;
  const [, name, letter = '', sign, value = ''] = found;
  if (name !== undefined && sign === '' && value !== '') return null;
  const given = sign === '' && value === '' ? null : cut(word, value);
  return { name: name ?? long[letter] ?? letter, value: given };
}

/** The end of a word as a word of its own. */
function cut(word: ShellWord, text: string): ShellWord {
  const { content } = word;
  return { ...word, text, content: content === null ? null : { start: content.end - text.length, end: content.end } };
}
