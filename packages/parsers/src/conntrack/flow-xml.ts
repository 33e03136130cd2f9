/** One `<flow>` of `conntrack -L -o xml`, which stands on one line (libnetfilter_conntrack `snprintf_xml.c`). */
import { type ConnTuple, parseDecimal, parseIp } from '@coldtrace/core';
import type { EntryFields, EntryReading } from './entry-words.js';

const opening = /^\s*<flow(?: type="(new|update|destroy)")?>/;

/** Whether a line belongs to the XML: its head, its end, a flow. */
export function isFlowXml(text: string): boolean {
  const from = text.trimStart();
  return /^<(?:\/?conntrack>|flow[ >])/.test(from) || /^<\?xml version="1\.0" encoding="utf-8"\?>\s*$/.test(from);
}

export function readFlow(text: string): EntryReading {
  const opened = text.length > 8000 ? null : opening.exec(text);
  if (opened === null) return { kind: 'other' };
  if (!text.trimEnd().endsWith('</flow>')) return broken('the end');
  const metas = new Map<string, string>();
  for (const [, direction, body] of text.matchAll(/<meta direction="(original|reply|independent)">(.*?)<\/meta>/g))
    if (direction !== undefined && body !== undefined) metas.set(direction, body);
  const original = tupleOf(metas.get('original') ?? '');
  const reply = tupleOf(metas.get('reply') ?? '');
  const about = metas.get('independent');
  const proto = parseDecimal(/<layer4 protonum="(\d{1,3})"/.exec(metas.get('original') ?? '')?.[1] ?? '', 255);
  if (original === null || reply === null || proto === null) return broken('<meta>');
  const entry: EntryFields = {
    family: original.src.family,
    proto,
    state: inside(about, 'state'),
    timeout: numberIn(about, 'timeout'),
    original,
    reply,
    status: ['unreplied', 'assured', 'offload', 'hw_offload'].flatMap((name) =>
      about?.includes(`<${name}/>`) === true ? [name.toUpperCase()] : [],
    ),
    mark: numberIn(about, 'mark'),
    zone: numberIn(about, 'zone'),
    zoneOrig: numberIn(metas.get('original'), 'zone'),
    zoneReply: numberIn(metas.get('reply'), 'zone'),
    labels: labelsIn(about),
    ...(/<(?:src|dst)key>0x0*[1-9a-f]/.test(text) ? { isCall: true } : {}),
    packets: numberIn(metas.get('original'), 'packets'),
    bytes: numberIn(metas.get('original'), 'bytes'),
    replyPackets: numberIn(metas.get('reply'), 'packets'),
    replyBytes: numberIn(metas.get('reply'), 'bytes'),
  };
  return { kind: 'entry', entry, event: opened[1]?.toUpperCase() ?? null };
}

function broken(word: string): EntryReading {
  return { kind: 'broken', word, atEnd: true };
}

/** ICMP types do not stand in the XML. */
function tupleOf(meta: string): ConnTuple | null {
  const src = parseIp(inside(meta, 'src') ?? '');
  const dst = parseIp(inside(meta, 'dst') ?? '');
  if (src === null || dst === null || src.family !== dst.family) return null;
  const sport = numberIn(meta, 'sport');
  const dport = numberIn(meta, 'dport');
  return { src, dst, sport, dport, icmpType: null, icmpCode: null, icmpId: null };
}

function inside(text: string | undefined, name: string): string | null {
  if (text === undefined) return null;
  const from = text.indexOf(`<${name}>`);
  const to = from < 0 ? -1 : text.indexOf(`</${name}>`, from);
  return to < 0 ? null : text.slice(from + name.length + 2, to);
}

function numberIn(text: string | undefined, name: string): number | null {
  const found = inside(text, name);
  return found === null ? null : parseDecimal(found, Number.MAX_SAFE_INTEGER);
}

function labelsIn(text: string | undefined): string | null {
  const labels = inside(text, 'labels');
  if (labels === null) return null;
  return [...labels.matchAll(/<label>([^<]{1,200})<\/label>/g)].map(([, name]) => name).join(',');
}
