import { describe } from 'vitest';
import { itPrints, itRefuses, itTests, packet } from './testing.js';
import { ttl } from './ttl.js';

const rows = [
  ['--ttl-eq 64', '--ttl-eq 64', 'TTL match TTL == 64'],
  ['! --ttl-eq 64', '! --ttl-eq 64', 'TTL match TTL != 64'],
  ['--ttl 64', '--ttl-eq 64', 'TTL match TTL == 64'],
  ['! --ttl 64', '! --ttl-eq 64', 'TTL match TTL != 64'],
  ['--ttl-lt 5', '--ttl-lt 5', 'TTL match TTL < 5'],
  ['--ttl-gt 250', '--ttl-gt 250', 'TTL match TTL > 250'],
  ['--ttl-eq 0', '--ttl-eq 0', 'TTL match TTL == 0'],
  ['--ttl-eq 255', '--ttl-eq 255', 'TTL match TTL == 255'],
  ['--ttl-gt 255', '--ttl-gt 255', 'TTL match TTL > 255'],
] as const;

describe('ttl', () => {
  itPrints(ttl, 4, rows);
  itRefuses(ttl, 4, [
    ['', 'none of'],
    ['--ttl-eq 256', 'between 0 and 255'],
    ['--ttl-lt 5 --ttl-gt 3', 'only one'],
    ['! --ttl-lt 5', 'takes no !'],
  ]);
  itTests(ttl, [
    ['64 is 64', '--ttl-eq 64', packet(), 'yes'],
    ['64 is not something else', '! --ttl-eq 63', packet(), 'yes'],
    ['64 is not below 64', '--ttl-lt 64', packet(), 'no'],
    ['64 is above 63', '--ttl-gt 63', packet(), 'yes'],
  ]);
});
