/** Whether a line begins as programs begin the entries of their logs: with date and time, as JSON with a field that loggers write, as web servers do. */

const stamp = /^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[^\s\]]{0,16}\]? (.{0,90})/;
const json = /^\{ ?"(?:level|lvl|severity|ts|time|timestamp|@timestamp|t|msg|message|logger|caller)" ?:/;
/** NCSA's common log format. */
const access = /^[\da-fA-F:.]{2,45} \S{1,60} \S{1,60} \[\d\d\/[A-Z][a-z]{2}\/\d{4}:/;
/** A shell may print the time before its prompt. */
const prompt = /^(?:\([\w.-]{1,40}\) )?\[?[\w.-]{1,41}[@:][\w.~/-]/;

/**
 * Only formats that say so (`Format.entries`) have lines of this kind, and most logs that nobody knows consist of them: to ask all formats about
 * each of a million lines takes minutes.
 */
export function isLogEntry(line: string): boolean {
  const first = line.charCodeAt(0);
  if (first === 123) return json.test(line);
  if (first !== 91 && !(first >= 48 && first <= 57)) return false;
  const behind = stamp.exec(line)?.[1];
  return behind === undefined ? access.test(line) : !prompt.test(behind);
}
