/** One kind of message: the literal that stands in it, and what it says. */

export interface LogEvent {
  readonly event: string;
  readonly component: string;
  /** Literal that must stand in the line: nothing else is asked of lines without it. */
  readonly has: string;
  /** Groups by name become the event's data; null when the literal says everything. With `g` each match is one event. */
  readonly pattern: RegExp | null;
}

export const logEvent = (component: string, event: string, has: string, pattern: RegExp | null = null): LogEvent => ({
  component,
  event,
  has,
  pattern,
});
