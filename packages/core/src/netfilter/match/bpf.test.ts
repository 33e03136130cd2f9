import { describe } from 'vitest';
import { bpf } from './bpf.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

describe('bpf', () => {
  itPrints(bpf, 4, [
    [
      '--bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0"',
      '--bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0"',
      'match bpf 48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\0',
    ],
    ['--bytecode "1,6 0 0 1,"', '--bytecode "1,6 0 0 1"', 'match bpf 6 0 0 1\0'],
    // No pinned program could be made to load here: the print is that of libxt_bpf's own print functions.
    ['--object-pinned /sys/fs/bpf/x', '--object-pinned /sys/fs/bpf/x', 'match bpf pinned /sys/fs/bpf/x'],
  ]);
  itRefuses(bpf, 4, [
    ['', 'neither'],
    ['--bytecode "2,6 0 0 1"', '1 instructions and not 2'],
    ['--bytecode "0,"', '1 to 64'],
    ['--bytecode x', 'begin with its length'],
    ['--bytecode "1,6 0 0"', 'no instruction'],
  ]);
  itTests(bpf, [['the program is not run', '--bytecode "1,6 0 0 1"', packet(), 'unknown']]);
});
