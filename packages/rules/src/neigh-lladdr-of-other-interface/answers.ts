/** Who was seen to answer ARP for an address: an interface of the holder that is not the address's own, or two at once. net/ipv4/arp.c `arp_process`. */
import {
  type Evidence,
  formatIp,
  formatMac,
  type Ip,
  type Link,
  type Mac,
  type Node,
  type Observation,
  parseIp,
  parseMac,
  type Snapshot,
  type Span,
  sameMac,
} from '@coldtrace/core';
import { isEthernet, linkNamed, macEvidence } from '../facts/links.js';
import { partOf } from '../facts/part-of.js';
import { arpSettings, missingSettings, settingEvidence } from './arp-settings.js';
import { quietFix } from './fix.js';
import { type Held, otherInterface } from './misdirected.js';
import type { Context } from './rule.js';

interface Answered {
  readonly ip: Ip;
  /** In the order of their first answers. */
  readonly by: readonly { readonly mac: Mac; readonly span: Span }[];
}

export function checkAnswers(cx: Context, held: ReadonlyMap<string, readonly Held[]>): void {
  for (const answered of answersOf(cx.snapshot)) {
    const holders = held.get(formatIp(answered.ip)) ?? [];
    const [only, another] = holders;
    if (only !== undefined && another === undefined) reportHolder(cx, answered, only);
    else if (only === undefined) reportSeveral(cx, answered);
  }
}

/** The answers of one address, whoever asked: each hardware address once. */
function answersOf({ nodes, observations }: Snapshot): readonly Answered[] {
  const found = new Map<string, { readonly ip: Ip; readonly by: { readonly mac: Mac; readonly span: Span }[] }>();
  for (const row of [...nodes.flatMap((node) => node.observations), ...observations]) {
    const answer = answerIn(row);
    if (answer === null) continue;
    const key = formatIp(answer.ip);
    const known = found.get(key) ?? { ip: answer.ip, by: [] };
    found.set(key, known);
    if (!known.by.some(({ mac }) => sameMac(mac, answer.mac))) known.by.push({ mac: answer.mac, span: row.span });
  }
  return [...found.values()];
}

/** Addresses of VRRP and HSRP belong to whoever is master. */
const shared = /^00:00:(?:5e:00:0[12]|0c:07:ac|0c:9f:f)/;

function answerIn(row: Observation): { readonly ip: Ip; readonly mac: Mac } | null {
  const told =
    row.kind === 'log' && row.event === 'arp-answer'
      ? [row.data['ip'], row.data['mac']]
      : row.kind === 'packet' && row.proto === null
        ? (/ (\d{1,3}(?:\.\d{1,3}){3}) is-at ([0-9a-f:]{11,17})/.exec(row.text.slice(0, 300)) ?? []).slice(1)
        : [];
  const [ip, mac] = [parseIp(told[0] ?? ''), parseMac(told[1] ?? '')];
  return ip === null || mac === null || shared.test(formatMac(mac)) ? null : { ip, mac };
}

function reportHolder(cx: Context, { ip, by }: Answered, { node: holder, address }: Held): void {
  const right = linkNamed(holder.host, address.dev);
  if (right === undefined || right.mac === null || !isEthernet(right)) return;
  const own = right.mac;
  for (const { mac, span } of by) {
    const wrong = sameMac(own, mac) ? null : otherInterface(holder, right, mac);
    if (wrong === null || isLearned(cx.snapshot, ip, mac)) continue;
    const settings = arpSettings(holder, wrong.name);
    // It answers for its own addresses alone by now.
    if ([1, 2, 8].includes(settings.ignore.value ?? 0)) continue;
    const both = by.find((one) => sameMac(one.mac, own));
    cx.report('answers', {
      severity: 'warning',
      certainty: 'likely',
      node: holder.name,
      subject: `${formatIp(ip)} ${wrong.name}`,
      data: {
        ip: formatIp(ip),
        holder: holder.name,
        wrong: wrong.name,
        right: right.name,
        lladdr: formatMac(mac),
        beside: both === undefined ? 'in its place' : 'as well',
      },
      evidence: [
        { span, why: `answered for ${formatIp(ip)}` },
        ...(both === undefined ? [] : [{ span: both.span, why: `${right.name} answered too` }]),
        ...linkEvidence(cx.snapshot, holder, { right, wrong, ip, address: address.span }),
        ...settingEvidence(settings, holder.name, wrong.name),
      ],
      assumptions: [
        'neighbours keep the answer of the wrong interface: none of their entries that was captured has it',
        ...missingSettings(settings, holder, wrong.name).map(({ text }) => text),
      ],
      fix: quietFix(holder.name, settings),
    });
  }
}

/** An entry that was captured says it already, with the way of its packets. */
function isLearned({ nodes }: Snapshot, ip: Ip, mac: Mac): boolean {
  return nodes.some(({ host }) =>
    host.neighbours.rows.some(
      (row) => row.lladdr !== null && formatIp(row.ip) === formatIp(ip) && sameMac(row.lladdr, mac),
    ),
  );
}

function linkEvidence(
  snapshot: Snapshot,
  holder: Node,
  {
    right,
    wrong,
    ip,
    address,
  }: { readonly right: Link; readonly wrong: Link; readonly ip: Ip; readonly address: Span },
): readonly Evidence[] {
  return [
    { span: partOf(snapshot, address, formatIp(ip)), why: `${formatIp(ip)} is an address of ${right.name}` },
    macEvidence(snapshot, right, `hardware address of ${right.name}`),
    macEvidence(snapshot, wrong, `hardware address of ${wrong.name} of ${holder.name}`),
  ];
}

/** Of a machine that was not captured. */
function reportSeveral(cx: Context, { ip, by }: Answered): void {
  if (by.length < 2) return;
  cx.report('several', {
    severity: 'warning',
    certainty: 'possible',
    node: null,
    subject: formatIp(ip),
    data: { ip: formatIp(ip), lladdrs: by.map(({ mac }) => formatMac(mac)).join(', '), count: by.length },
    evidence: by.slice(0, 3).map(({ mac, span }) => ({ span, why: `${formatMac(mac)} answered` })),
    assumptions: [
      `the hardware addresses are those of one machine (its ip link tells); if they are of two, both hold ${formatIp(ip)} or one answers for the other (proxy_arp)`,
    ],
  });
}
