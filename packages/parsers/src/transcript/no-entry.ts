/** Messages of programs that were to open a shell elsewhere and did not: ssh(1), kubectl-exec, docker-exec, ip-netns(8), nsenter(1). What follows is where it was. */

const messages: readonly RegExp[] = [
  /^(?:ssh|kex_exchange_identification|nsenter|lxc|setns|unshare): /,
  /^(?:\S{1,80}@\S{1,80}: )?Permission denied(?!, please try again)/,
  /^Host key verification failed/,
  /^(?:Connection|Received disconnect|Disconnected) (?:(?:to|from|by) \S{1,80}(?: port \d+)? )?(?:closed|reset|timed out|refused)\b/,
  /^(?:Error from server|Error response from daemon|OCI runtime exec failed|The connection to the server |Unable to connect to the server|Cannot open network namespace )/,
  /^(?:error|Error): (?:unable to|Internal error|error |No such container|pods? "|container |You must|You need|cannot |timed out|no )/,
  /^command terminated with exit code \d/,
];

const longest = 400;

export function isNoEntry(line: string): boolean {
  const head = line.slice(0, longest);
  return messages.some((message) => message.test(head));
}
