import { describe } from 'vitest';
import { owner } from './owner.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['--uid-owner 0', '--uid-owner 0', 'owner UID match 0'],
  ['--uid-owner root', '--uid-owner 0', 'owner UID match 0'],
  ['--uid-owner 1000-2000', '--uid-owner 1000-2000', 'owner UID match 1000-2000'],
  ['! --uid-owner 1000-1000', '! --uid-owner 1000', '! owner UID match 1000'],
  ['--gid-owner 5', '--gid-owner 5', 'owner GID match 5'],
  ['! --gid-owner 5-7 --uid-owner 4', '--uid-owner 4 ! --gid-owner 5-7', 'owner UID match 4 ! owner GID match 5-7'],
  ['--socket-exists', '--socket-exists', 'owner socket exists'],
  ['! --socket-exists', '! --socket-exists', '! owner socket exists'],
  [
    '--socket-exists --uid-owner 4294967294',
    '--socket-exists --uid-owner 4294967294',
    'owner socket exists owner UID match 4294967294',
  ],
  ['--uid-owner 0x10', '--uid-owner 16', 'owner UID match 16'],
  ['--gid-owner root', '--gid-owner 0', 'owner GID match 0'],
  ['--uid-owner 01', '--uid-owner 1', 'owner UID match 1'],
  ['--uid-owner 0', '--uid-owner 0', 'owner UID match root'],
  ['--gid-owner 1 --suppl-groups', '--gid-owner 1 --suppl-groups', 'owner GID match 1 incl. suppl. groups'],
] as const;

const rows6 = [
  ['--uid-owner 1-2 ! --gid-owner 3', '--uid-owner 1-2 ! --gid-owner 3', 'owner UID match 1-2 ! owner GID match 3'],
] as const;

const by = (uid: number, gid: number) => packet({ iif: null, owner: { uid, gid } }, { hook: 'OUTPUT' });

describe('owner', () => {
  itPrints(owner, 4, rows);
  itPrints(owner, 6, rows6);
  itRefuses(owner, 4, [
    ['', 'none of'],
    ['--suppl-groups', 'none of'],
    ['--uid-owner 4294967295', 'over 4294967294'],
    ['--uid-owner 9-4', 'backwards'],
    ['--uid-owner nosuchuser', 'which number'],
    ['--uid-owner 1000-', 'which number'],
    ['--suppl-groups --gid-owner 4', 'before --gid-owner'],
  ]);
  itTests(owner, [
    ['its own user', '--uid-owner 1000', by(1000, 100), 'yes'],
    ['a range of users', '--uid-owner 1-1000', by(1000, 100), 'yes'],
    ['another user', '! --uid-owner 1000', by(1000, 100), 'no'],
    ['user and group', '--uid-owner 1000 ! --gid-owner 5', by(1000, 100), 'yes'],
    ['only one of user and group', '--uid-owner 1000 --gid-owner 5', by(1000, 100), 'no'],
    ['the main group is a group', '--gid-owner 100 --suppl-groups', by(1000, 100), 'yes'],
    ['other groups of the sender are not given', '--gid-owner 5 --suppl-groups', by(1000, 100), 'unknown'],
    ['there is a socket', '--socket-exists', by(0, 0), 'yes'],
    ['there is none', '! --socket-exists', by(0, 0), 'no'],
    ['a forwarded packet has no socket', '--socket-exists', packet(), 'no'],
    ['and passes what is negated', '! --uid-owner 0', packet(), 'yes'],
    ['throughout', '! --uid-owner 0 --gid-owner 0', packet(), 'no'],
  ]);
});
