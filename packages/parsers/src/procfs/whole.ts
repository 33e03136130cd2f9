/** Whether an output is the whole file of /proc/net, or what somebody cut from it. */
import type { Section } from '../format.js';

export function isWholeFile({ command, freeForm }: Section): boolean {
  return command === null
    ? !freeForm
    : !/[|<]|\b(?:grep|head|tail|awk|sed)\b/.test(command.replace(/2?>\s*(?:&1|\S+)/g, ''));
}

/** Commands that print a file of /proc/net, and the ways its copy is called: `proc/net/route`, `proc_net_route.txt`. */
export function procNet(names: string): { readonly commands: readonly RegExp[]; readonly paths: readonly RegExp[] } {
  return {
    commands: [
      new RegExp(
        `^(?:cat|less|more|head|tail|grep)\\b[^|]*\\s/proc/(?:(?:\\d+|self|thread-self)/)?net/(?:${names})(?:\\s|$)`,
      ),
    ],
    paths: [new RegExp(`(?:^|[/_.-])proc[/_.-](?:(?:\\d+|self)[/_.-])?net[/_.-](?:${names})(?:\\.(?:txt|md|log))?$`)],
  };
}
