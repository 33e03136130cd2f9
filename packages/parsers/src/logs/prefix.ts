/** What loggers put before a message: klog, journald and syslog, the kernel's ring buffer, CRI and Docker log files, logrus, Calico. */

export interface LogPrefix {
  /** Length of the prefix. */
  readonly length: number;
  /** Program that wrote the line, where the prefix names it. */
  readonly program: string | null;
}

type Reader = (head: string) => LogPrefix | null;

const bare =
  (pattern: RegExp): Reader =>
  (head) => {
    const match = pattern.exec(head);
    return match === null ? null : { length: match[0].length, program: match[1] ?? null };
  };

/** In the order in which they wrap each other: a log file's own prefix first, the program's after it. */
const outer: readonly Reader[] = [
  // CRI: `2020-07-06T10:00:00.000000000Z stderr F `
  bare(/^\d{4}-\d{2}-\d{2}T[\d:.]{8,18}(?:Z|[+-]\d{2}:\d{2}) (?:stdout|stderr) [FP] /),
  // Docker's json-file
  bare(/^\{"log":"/),
  // journald, short and precise: `Jul 06 10:00:00 node-1 kubelet[1234]: `
  bare(/^[A-Z][a-z]{2}\s{1,2}\d{1,2} \d{2}:\d{2}:\d{2}(?:\.\d{1,9})? \S{1,255} ([\w.@/-]{1,100})(?:\[\d{1,10}\])?: /),
  bare(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?[+-]\d{2}:?\d{2} \S{1,255} ([\w.@/-]{1,100})(?:\[\d{1,10}\])?: /,
  ),
];

const inner: readonly Reader[] = [
  // klog: `I0706 10:00:00.000000       1 server.go:490] `
  bare(/^[IWEF]\d{4} \d{2}:\d{2}:\d{2}\.\d{6}\s{1,8}\d{1,10} [\w.-]{1,100}:\d{1,6}\] /),
  // Calico: `2020-07-06 10:00:00.000 [INFO][48] felix/int_dataplane.go 123: `
  bare(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3} \[[A-Z]{4,9}\]\[\d{1,8}\] ([\w-]{1,60})[\w./-]{0,100} \d{1,6}: /),
  // BIRD, the routing daemon in calico-node: `bird: BGP: …`
  bare(/^(bird6?): /),
  // dmesg: `[12345.678901] ` and `[Mon Jul  6 10:00:00 2020] `
  bare(/^\[\s{0,8}\d{1,9}\.\d{6}\] /),
  bare(/^\[[A-Z][a-z]{2} [A-Z][a-z]{2}\s{1,2}\d{1,2} \d{2}:\d{2}:\d{2} \d{4}\] /),
  // logrus: `time="2020-07-06T10:00:00Z" level=error msg="`
  bare(/^time="[^"]{10,40}" level=[a-z]{4,7} (?:msg="?)?/),
  // zap and plain: `2020-07-06 10:00:00.123456 I | `, `2020/07/06 10:00:00 `
  bare(/^\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?Z? (?:[IWEC] \| )?/),
];

/** The prefix of a line: at most one of each kind; null when there is none. */
export function logPrefix(line: string): LogPrefix | null {
  let length = 0;
  let program: string | null = null;
  for (const readers of [outer, inner]) {
    const head = line.slice(length, length + 500);
    for (const reader of readers) {
      const found = reader(head);
      if (found === null) continue;
      length += found.length;
      program = program ?? found.program;
      break;
    }
  }
  return length === 0 ? null : { length, program };
}

/** Whether a prefix is one that nothing but a log has; a bare date may begin anything. */
export function isCertainPrefix(line: string, prefix: LogPrefix): boolean {
  return (
    prefix.program !== null ||
    /^(?:[IWEF]\d{4} |\{"log":"|time="|\[)/.test(line) ||
    /^\S+ (?:stdout|stderr) [FP] /.test(line.slice(0, 60))
  );
}

/** A line without the quotes that its logger put around the message: docker's JSON, logrus; quotes inside it lose their backslash. */
export function messageOf(line: string): string {
  const json = line.startsWith('{"log":"') ? quotedFrom(line, 8) : line;
  const at = /^(?:\S{1,400} ){0,8}?time="[^"]{10,40}" level=[a-z]{4,7} msg="/.exec(json.slice(0, 900))?.[0].length;
  return at === undefined ? json : `${json.slice(0, at)}${quotedFrom(json, at)}`;
}

/** The text up to the closing quote. */
function quotedFrom(text: string, from: number): string {
  const rest = text.slice(from);
  const inner = /^(?:[^"\\]|\\.)*/.exec(rest)?.[0] ?? rest;
  return inner.replace(/(?:\\r)?\\n$/, '').replace(/\\(["\\/])/g, '$1');
}
