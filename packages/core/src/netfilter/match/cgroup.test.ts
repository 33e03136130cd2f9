import { describe } from 'vitest';
import { cgroup } from './cgroup.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const output = { chain: 'OUTPUT' };
const sent = packet({ owner: { uid: 0, gid: 0 } }, { hook: 'OUTPUT' });

describe('cgroup', () => {
  itPrints(
    cgroup,
    4,
    [
      ['--cgroup 1', '--cgroup 1', 'cgroup 1'],
      ['! --cgroup 0x10', '! --cgroup 16', 'cgroup ! 16'],
      ['--path /', '--path "/"', 'cgroup /'],
    ],
    output,
  );
  itRefuses(
    cgroup,
    4,
    [
      ['', 'neither'],
      ['--cgroup 1 --path x', 'together'],
    ],
    output,
  );
  itRefuses(cgroup, 4, [['--cgroup 1', 'no socket']], { chain: 'FORWARD' });
  itTests(
    cgroup,
    [
      ['the group of a process is not known', '--cgroup 1', sent, 'unknown'],
      ['a forwarded packet has no socket', '--cgroup 1', packet({}, { hook: 'POSTROUTING' }), 'no'],
      ['nor one of another group', '! --cgroup 1', packet({}, { hook: 'POSTROUTING' }), 'no'],
      ['coming in it may already have one', '--cgroup 1', packet({}, { hook: 'INPUT' }), 'unknown'],
    ],
    output,
  );
});
