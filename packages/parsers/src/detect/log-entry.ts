/** Whether a line begins as programs begin the entries of their logs: with date and time, as JSON with a field that loggers write, as web servers do. */

const stamp = /^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[^\s\]]{0,16}\]? (.{0,90})/;
const json = /^\{ ?"(?:level|lvl|severity|ts|time|timestamp|@timestamp|t|msg|message|logger|caller)" ?:/;
/** NCSA's common log format. */
const access = /^[\da-fA-F:.]{2,45} \S{1,60} \S{1,60} \[\d\d\/[A-Z][a-z]{2}\/\d{4}:/;
/** Frames of Java, Python and Go, and what stands above and below them. */
const trace =
  /^(?:\s{1,8}at (?:[\w$<>]{1,80}[./]){1,20}[\w$<>]{1,80}\(|\s{1,8}\.\.\. \d{1,4} more$| {2}File "[^"]{1,300}", line \d+, in |Traceback \(most recent call last\):$|Caused by: [\w.$]{1,200}(?::|$)|goroutine \d+ \[)/;
/** `level=info ts=… msg=…`, as Go's loggers write without a time or with it. */
const logfmt =
  /^(?:level|lvl|ts|time|t|msg|caller|logger)=(?:"|\S).{0,400}\s(?:level|lvl|msg|message|caller|component|err|error)=/;
/** `[INFO] …`, `WARN  [worker-3] …`, `12:10:05.123 [main] DEBUG …`: a level that nothing else begins with. */
const level =
  /^(?:\d\d:\d\d:\d\d(?:[.,]\d{1,9})? (?:\[[^\]]{1,60}\] )?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL) {1,4}|\[(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL) {0,3}\] {1,4}|(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL) {1,4}(?=\[[^\]]{1,60}\] ))([\w"'([<].{0,90})/;
/** A shell may print the time before its prompt. */
const prompt = /^(?:\([\w.-]{1,40}\) )?\[?[\w.-]{1,41}[@:][\w.~/-]/;

/**
 * Only formats that say so (`Format.entries`) have lines of this kind, and most logs that nobody knows consist of them: to ask all formats about
 * each of a million lines takes minutes.
 */
export function isLogEntry(line: string): boolean {
  const first = line.charCodeAt(0);
  if (first === 123) return json.test(line);
  if (mayHaveLevel(first)) {
    const told = level.exec(line)?.[1];
    if (told !== undefined) return !prompt.test(told);
  }
  if (first === 32 || first === 9 || first === 67 || first === 84 || first === 103) return trace.test(line);
  if (first === 108 || first === 116 || first === 109 || first === 99) return logfmt.test(line);
  if (first !== 91 && !(first >= 48 && first <= 57)) return false;
  const behind = stamp.exec(line)?.[1];
  return behind === undefined ? access.test(line) : !prompt.test(behind);
}

/** A bracket, a digit, or one of T, D, I, N, W, E, F and C. */
function mayHaveLevel(first: number): boolean {
  return first === 91 || (first >= 48 && first <= 57) || levelBegins.has(first);
}

const levelBegins: ReadonlySet<number> = new Set([...'TDINWEFC'].map((letter) => letter.charCodeAt(0)));
