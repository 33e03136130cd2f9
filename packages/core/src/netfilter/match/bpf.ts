/** `-m bpf`: a packet filter program. iptables-extensions(8); net/netfilter/xt_bpf.c. */
import { parseDecimal } from '../../inet/decimal.js';
import { defineMatch, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { pick, text, word } from '../value.js';

/** Operation, jump if true, jump if false, operand. */
export type BpfInstruction = readonly [code: number, jt: number, jf: number, k: number];

/** Programs are not run here, so this match has no test. */
export type BpfMatch =
  | { readonly kind: 'bytecode'; readonly program: readonly BpfInstruction[] }
  /** An eBPF program under the BPF file system. */
  | { readonly kind: 'pinned'; readonly path: string };

const mostInstructions = 64;

const bytecode = word<readonly BpfInstruction[]>('code', readProgram, (choose) =>
  pick(choose, ['4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0', '1,6 0 0 1', '1,6 0 0 0,', '2,0 0 0 4294967295,6 0 0 65535']),
);

function readProgram(code: string): readonly BpfInstruction[] | Refusal {
  const [count, ...parts] = code.split(',');
  const length = parseDecimal(count ?? '', 0xffff);
  if (length === null || parts.length === 0) return refuse('the program does not begin with its length');
  if (length === 0 || length > mostInstructions) return refuse(`a program has 1 to ${mostInstructions} instructions`);
  if (parts.at(-1) === '') parts.pop();
  if (parts.length !== length) return refuse(`the program has ${parts.length} instructions and not ${length}`);
  return readInstructions(parts);
}

function readInstructions(parts: readonly string[]): readonly BpfInstruction[] | Refusal {
  const program: BpfInstruction[] = [];
  for (const part of parts) {
    const [code = '', jt = '', jf = '', k = '', ...more] = part.trim().split(/\s+/);
    const operation = parseDecimal(code, 0xffff);
    const then = parseDecimal(jt, 255);
    const otherwise = parseDecimal(jf, 255);
    const operand = parseDecimal(k, 0xffffffff);
    if (operation === null || then === null || otherwise === null || operand === null || more.length > 0)
      return refuse(`"${part}" is no instruction`);
    program.push([operation, then, otherwise, operand]);
  }
  return program;
}

export const bpf = defineMatch({
  name: 'bpf',
  families: [4, 6],
  options: { bytecode: option(bytecode), 'object-pinned': option(text('path', 511)) },
  build: (given): BpfMatch | Refusal => {
    const program = given.bytecode?.value;
    const path = given['object-pinned']?.value;
    if (program !== undefined && path !== undefined)
      return refuse('--bytecode and --object-pinned cannot be used together');
    if (program !== undefined) return { kind: 'bytecode', program };
    return path === undefined ? refuse('neither --bytecode nor --object-pinned is given') : { kind: 'pinned', path };
  },
  sample: (choose, cx) => ['--bytecode', ...bytecode.sample(choose, cx)],
  save: (data) =>
    data.kind === 'pinned'
      ? ['--object-pinned', data.path]
      : ['--bytecode', `"${[data.program.length, ...data.program.map((one) => one.join(' '))].join(',')}"`],
  listing: (cursor): BpfMatch | null => {
    const at = cursor.at;
    if (cursor.accept('match', 'bpf')) {
      if (cursor.accept('pinned')) return { kind: 'pinned', path: cursor.take() ?? '' };
      const program = readListedProgram(cursor);
      if (program !== null) return { kind: 'bytecode', program };
    }
    cursor.reset(at);
    return null;
  },
});

/** `48 0 0 9,6 0 0 1` with a NUL behind it: four numbers, the last joined to the next first by a comma. */
function readListedProgram(cursor: ListingCursor): readonly BpfInstruction[] | null {
  const words: string[] = [];
  for (let next = cursor.peek(); next !== null && words.length <= 3 * mostInstructions; next = cursor.peek()) {
    const bare = next.endsWith('\0') ? next.slice(0, -1) : next;
    if (!/^[\d,]+$/.test(bare)) break;
    words.push(bare);
    cursor.take();
    if (bare !== next) break;
  }
  const program = readInstructions(words.join(' ').split(','));
  return 'refused' in program ? null : program;
}
