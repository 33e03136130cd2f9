/** What kubectl and oc say before and behind the output of a command that they run in a pod: kubectl-debug(1), `oc debug`, kubectl-exec(1). It is no line of that output. */

const said: readonly RegExp[] = [
  /^(?:Starting|Removing) (?:debug )?pod(?:\/\S{1,253})?(?:, command was: .{0,300})? ?\.\.\.$/,
  /^To use host binaries, run `chroot [^`]{1,100}`/,
  /^Creating debugging pod \S{1,253} with container \S{1,253} on node \S{1,253}$/,
  /^Temporary namespace \S{1,253} (?:is created for debugging node|was removed)/,
  /^Default(?:ed|ing) (?:debug )?container (?:name to \S{1,253}|"\S{1,253}" out of: )/,
  /^Pod IP: [0-9a-f.:]{2,45}$/,
  /^If you don't see a command prompt, try pressing enter\.$/,
  /^All commands and output from this session will be recorded in container logs/,
];

export function isChatter(line: string): boolean {
  const head = line.slice(0, 800).trimEnd();
  return said.some((one) => one.test(head));
}
