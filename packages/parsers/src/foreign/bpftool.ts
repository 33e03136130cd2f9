/** Output of `bpftool prog` and `bpftool net` (bpftool-prog(8), bpftool-net(8)). */
import type { Facts, ForeignFilter } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { foreignDiagnostic } from './codes.js';

const program =
  /^(\d{1,9}): ([a-z][a-z0-9_]{1,30})(?: {2}name (\S{1,32}))?(?: {2}tag ([0-9a-f]{16}))?(?: {2}gpl)?(?: {2}|\s*$)/;
const detail = /^\s+(?:loaded_at \d{4}-|xlated \d+B|btf_id \d+|pids \S|run_time_ns |metadata:|map_ids )/;
const part = /^(?:xdp|tc|flow_dissector|netfilter):\s*$/;
/** With `prog_id` and `link_id` by a link, as tcx and netkit have it. */
const attached = /^(\S{1,15})\(\d+\) \S.*\b(?:prog_)?id \d+/;
/** Types that see packets or choose addresses. */
const packets =
  /^(?:xdp|sched_cls|sched_act|sk_lookup|sk_skb|cgroup_skb|cgroup_sock_addr|lwt_in|lwt_out|lwt_xmit|lwt_seg6local|netfilter|flow_dissector)$/;
/** systemd gives every unit programs of its own: `sd_…`, or an empty one known by its tag, which lets everything through. */
const systemd = /^sd_/;
const passesAll = '6deef7357e7b4530';

export const bpftoolFormat: Format = {
  id: 'bpftool',
  title: 'eBPF programs',
  commands: [/^(?:\S*\/)?bpftool\s/],
  fileNames: [/^(?:bpftool|bpf)[-_].*$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 1000) return null;
  const found = program.exec(text);
  if (found !== null && (found[4] !== undefined || packets.test(found[2] ?? ''))) return 'opens';
  return detail.test(text) || part.test(text) || attached.test(text) ? 'continues' : null;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: ForeignFilter[] = [];
  let opaque = false;
  let known = false;
  for (const line of reading.lines) {
    if (isBlank(line.text) || line.text.length > 1000) continue;
    const found = program.exec(line.text);
    const dev = attached.exec(line.text)?.[1];
    if (found !== null) opaque = takeProgram(reading, line, found, rows);
    else if (dev !== undefined) put(reading, line, rows, dev);
    else if (part.test(line.text)) claim(reading, line, 'inert');
    else if (/^\s/.test(line.text) && detail.test(line.text)) claim(reading, line, opaque ? 'opaque' : 'inert');
    else takeFailure(reading, line);
    known ||= found !== null || dev !== undefined || part.test(line.text);
  }
  return closeReading(reading, known ? [{ kind: 'foreign-filters', rows, complete: false }] : []);
}

function takeProgram(reading: Reading, line: Line, found: RegExpExecArray, rows: ForeignFilter[]): boolean {
  const [, id = '', type = '', name = '', tag] = found;
  const acts = packets.test(type) && !systemd.test(name) && tag !== passesAll;
  if (acts) put(reading, line, rows, `${type} ${name === '' ? id : name}`);
  else claim(reading, line, 'inert');
  return acts;
}

function put(reading: Reading, line: Line, rows: ForeignFilter[], subject: string): void {
  const span = lineSpan(reading.section, line);
  rows.push({ span, kind: 'bpf', subject, active: true });
  reading.diagnostics.push(foreignDiagnostic('other-filter', span, { what: 'eBPF program', subject }));
  claim(reading, line, 'opaque');
}
