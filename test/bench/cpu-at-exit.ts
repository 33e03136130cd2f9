/** Loaded before a command (`node --import`): what processor time its process took, start and all threads included, is the last line on stderr, in microseconds. */
import { writeSync } from 'node:fs';

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(2, `${user + system}\n`);
});
