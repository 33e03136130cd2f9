/** Log lines of every component: those that name a known fault or state a fact become observations, the rest has no bearing. */
import type { ComponentConfig, Facts, SeenLog, TlsObservation } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { configOfCommandLine, configOfLogLine } from '../kube-config/index.js';
import { type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading } from '../text/reading.js';
import { eventsOf, type FoundEvent } from './events.js';
import { isCertainPrefix, logPrefix, messageOf } from './prefix.js';
import { wholeX509Events } from './x509-line.js';

export const logFormat: Format = {
  id: 'log',
  entries: true,
  title: 'log lines',
  commands: [
    /^(?:journalctl|dmesg)\b/,
    /^(?:\S*\/)?(?:kubectl|oc|k3s kubectl|docker|crictl|nerdctl|podman)\s(?:.*\s)?logs?\b/,
    /^(?:tail|less|cat|zcat)\s.*(?:\.log|\/var\/log\/)/,
  ],
  fileNames: [/\.log(?:\.\d+)?$/, /^(?:dmesg|messages|syslog|kern\.log|journalctl.*)$/],
  line: verdictOf,
  parse: parseLogs,
};

/** What journalctl prints of its own between entries (systemd src/journal/journalctl.c). */
const journalNote =
  /^-- (?:(?:(?:Logs begin|Journal begins) at [^,]{1,60}, ends? at .{1,60}|No entries|Reboot|Boot [0-9a-f]{32})\.? --|cursor: s=\S{1,300})\s*$/;

/** Of a message that is put together again. */
const longestMessage = 4000;

function verdictOf(text: string): LineVerdict {
  if (text.length > 20_000) return null;
  if (isJournalNote(text)) return 'opens';
  const prefix = logPrefix(text);
  if (prefix !== null && isCertainPrefix(text, prefix)) return 'opens';
  return eventsOf(text).length > 0 ? 'opens' : null;
}

function isJournalNote(text: string): boolean {
  return text.startsWith('-- ') && text.length < 500 && journalNote.test(text);
}

function parseLogs(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: SeenLog[] = [];
  const tls: TlsObservation[] = [];
  const configs: ComponentConfig[] = [];
  let inLog = false;
  let message = '';
  for (const line of reading.lines) {
    if (isJournalNote(line.text)) {
      claim(reading, line, 'inert');
      continue;
    }
    const prefix = logPrefix(line.text);
    const events = wholeX509Events(eventsOf(messageOf(line.text)), section, line);
    // A pasted message is broken over lines; what an event says may stand before the break.
    message =
      prefix === null && section.freeForm && inLog ? `${message} ${line.text}`.slice(-longestMessage) : line.text;
    if (events.length === 0) {
      // Lines under a message (stack traces, hex dumps of martians) belong to it.
      if (prefix !== null || (inLog && /^\s/.test(line.text))) claim(reading, line, 'inert');
      inLog ||= prefix !== null;
      continue;
    }
    inLog = true;
    claim(reading, line, 'modelled');
    const span = lineSpan(section, line);
    for (const found of events) {
      const component = componentOf(found, prefix?.program ?? null, line.text, section);
      rows.push({
        kind: 'log',
        component,
        event: found.event.event,
        data: found.data,
        text: message,
        span: found.end === undefined ? span : { ...span, end: found.end },
        trust: 'claimed',
      });
      if (found.event.event.startsWith('x509-')) tls.push(tlsOf(found, line, section));
    }
    configs.push(...configsOf(line, section));
  }
  const facts: Facts[] = [{ kind: 'observations', rows, complete: false }];
  if (tls.length > 0) facts.push({ kind: 'tls', rows: tls, complete: false });
  if (configs.length > 0) facts.push({ kind: 'component-configs', rows: configs, complete: false });
  return closeReading(reading, facts);
}

/** What a line says of a component's configuration: the field it did not know, the flags it was started with. */
function configsOf(line: Line, section: Section): readonly ComponentConfig[] {
  const unknown = configOfLogLine(line.text, line.start, section.file.id);
  if (unknown !== null) return [unknown];
  const at = line.text.indexOf('Running kube');
  if (at < 0) return [];
  // logrus quotes the message; quotes inside it have a backslash.
  const quoted = /msg="[^"]{0,8}$/.test(line.text.slice(Math.max(0, at - 20), at));
  const words = line.text.slice(at + 8, at + 8200);
  const end = quoted ? words.search(/(?<!\\)"/) : -1;
  const started = configOfCommandLine(end < 0 ? words : words.slice(0, end), line.start + at + 8, section.file.id);
  return started === null ? [] : [{ ...started, trust: 'claimed' }];
}

/** The statement of a TLS error line, about the URL or address that was dialled. */
function tlsOf(found: FoundEvent, line: Line, section: Section): TlsObservation {
  const url = /https:\/\/[^\s"'\\]{1,500}/.exec(line.text.slice(0, 8000))?.[0].replace(/:$/, '');
  const end = found.end ?? line.end;
  const text = section.file.text.slice(line.start, end);
  const at = text.indexOf('x509:');
  const subject = url ?? found.data.wanted ?? '';
  return {
    kind: 'x509-error',
    subject,
    verdict: text
      .slice(Math.max(at, 0), at + 2000)
      .replace(/\s*\n\s*/g, ' ')
      .trimEnd(),
    span: { ...lineSpan(section, line), end },
    trust: 'claimed',
  };
}

const components: readonly (readonly [RegExp, string])[] = [
  [/flannel/, 'flannel'],
  [/kube-?proxy/, 'kube-proxy'],
  [/calico|felix|bird/, 'calico'],
  [/k3s|rke2/, 'k3s'],
  [/kubelet/, 'kubelet'],
  [/kernel|dmesg/, 'kernel'],
  [/dockerd?|containerd/, 'docker'],
  [/etcd/, 'etcd'],
  [/apiserver/, 'apiserver'],
];

/** Who wrote a line: the prefix's program, else what the message itself tells, else the command or the file's name. */
function componentOf(found: FoundEvent, program: string | null, text: string, section: Section): string {
  if (program !== null) {
    const named = components.find(([pattern]) => pattern.test(program))?.[1];
    if (named !== undefined) return named;
  }
  if (found.event.component !== 'unknown') return found.event.component;
  const file = /\b(kube_flannel|flannel|kubelet|proxier)[\w.]{0,20}\.go:/.exec(text.slice(0, 500))?.[1];
  const hint =
    `${file === 'proxier' ? 'kube-proxy' : (file ?? '')} ${section.command ?? ''} ${section.path}`.toLowerCase();
  return components.find(([pattern]) => pattern.test(hint))?.[1] ?? 'unknown';
}
