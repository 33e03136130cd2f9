/** An input that cannot be read: one clear sentence for the user, exit status 3. */
export class InputError extends Error {
  constructor(
    message: string,
    /** What to do about it, e.g. the command that unpacks the archive. */
    readonly hint: string | null = null,
  ) {
    super(message);
    this.name = 'InputError';
  }
}
