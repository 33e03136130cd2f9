import { describe } from 'vitest';
import { socket } from './socket.js';
import { connection, itPrints, itRefuses, itTests, nothingKnown, packet } from './testing.js';

const rows = [
  ['', '', 'socket'],
  ['--transparent', '--transparent', 'socket --transparent'],
  ['--nowildcard', '--nowildcard', 'socket --nowildcard'],
  [
    '--restore-skmark --nowildcard --transparent',
    '--transparent --nowildcard --restore-skmark',
    'socket --transparent --nowildcard --restore-skmark',
  ],
] as const;

const rows6 = [['--transparent', '--transparent', 'socket --transparent']] as const;

describe('socket', () => {
  itPrints(socket, 4, rows);
  itPrints(socket, 6, rows6);
  itRefuses(socket, 4, [['! --transparent', 'takes no !']]);
  const silent = { around: { ...nothingKnown, isListening: () => false } };
  itTests(socket, [
    ['sockets are not known', '--transparent', packet(), 'unknown'],
    ['nobody waits there', '', packet({}, silent), 'no'],
    [
      'which of those that wait are transparent no list shows',
      '',
      packet({}, { around: { ...nothingKnown, isListening: () => true } }),
      'unknown',
    ],
    ['a known connection may have its own', '', packet({ ct: connection({ confirmed: true }) }, silent), 'unknown'],
    ['only TCP and UDP have such sockets', '', packet({ proto: 132 }), 'no'],
  ]);
});
