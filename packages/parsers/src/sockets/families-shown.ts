/** Whether a listing whose command nobody saw may be one of a single family (`ss -4`, `netstat -4`): both print that like the whole. */
import type { Socket } from '@coldtrace/core';

/** Words of a file's name that say that the command asked for some sockets only. */
const selecting = /^(?:state|established|connected|synchronized|sport|dport|src|dst|dev|grep|inet6?|ipv?[46]|v[46])$/i;
/** Letters of options with a family among them: `ss_-4tuan`, `ss4apn`. */
const family = /^[aeilmnoptuwxHNOWZ0]*[46][aeilmnoptuwxHNOWZ046]*$/;

/** A file that bears the tool's name without options is what the table of dumps calls so; any other has to show both families. */
export function mayLackFamily(tool: 'ss' | 'netstat', path: string, rows: readonly Socket[]): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.startsWith(tool)) {
    const words = name.slice(tool.length).split(/[-_. ]+/);
    return words.some((word) => selecting.test(word) || family.test(word));
  }
  return !rows.some(({ family: own, localIp }) => own !== 4 || localIp?.family === 6);
}
