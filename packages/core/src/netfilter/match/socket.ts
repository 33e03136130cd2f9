/** `-m socket`: is there an open socket for the packet? iptables-extensions(8); net/netfilter/xt_socket.c. */
import { unknown } from '../../tri.js';
import { defineMatch, option } from '../extension.js';
import { flag } from '../value.js';

export interface SocketMatch {
  readonly transparent: boolean;
  readonly nowildcard: boolean;
  readonly restoreSkmark: boolean;
}

export const socket = defineMatch({
  name: 'socket',
  families: [4, 6],
  hooks: ['PREROUTING', 'INPUT'],
  options: {
    transparent: option(flag),
    nowildcard: option(flag),
    'restore-skmark': option(flag),
  },
  build: (given): SocketMatch => ({
    transparent: given.transparent !== undefined,
    nowildcard: given.nowildcard !== undefined,
    restoreSkmark: given['restore-skmark'] !== undefined,
  }),
  save: (data) => [
    ...(data.transparent ? ['--transparent'] : []),
    ...(data.nowildcard ? ['--nowildcard'] : []),
    ...(data.restoreSkmark ? ['--restore-skmark'] : []),
  ],
  listing: (cursor): SocketMatch | null => {
    if (!cursor.accept('socket')) return null;
    return {
      transparent: cursor.accept('--transparent'),
      nowildcard: cursor.accept('--nowildcard'),
      restoreSkmark: cursor.accept('--restore-skmark'),
    };
  },
  test: () => unknown('which connected or transparent sockets are open is not known'),
});
