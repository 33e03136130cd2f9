/** What the exit status says; part of the public contract. */
export const exitStatus = {
  /** No finding at or above `--fail-on`; for `trace`: delivered and answered. */
  clean: 0,
  findings: 1,
  usage: 2,
  /** Input unreadable, nothing recognised, or no rule could be evaluated. */
  unreadable: 3,
  internal: 70,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** Wrong usage: one line for the user, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
