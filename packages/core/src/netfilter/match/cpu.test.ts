import { describe } from 'vitest';
import { cpu } from './cpu.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

describe('cpu', () => {
  itPrints(cpu, 4, [
    ['--cpu 0', '--cpu 0', 'cpu 0'],
    ['! --cpu 5', '! --cpu 5', 'cpu ! 5'],
    ['--cpu 0x2', '--cpu 2', 'cpu 2'],
    ['--cpu 4294967295', '--cpu 4294967295', 'cpu 4294967295'],
  ]);
  itRefuses(cpu, 4, [['', 'missing']]);
  itTests(cpu, [['no dump tells which processor it will be', '! --cpu 9', packet(), 'unknown']]);
});
