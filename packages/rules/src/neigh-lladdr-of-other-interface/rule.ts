/** A neighbour entry points at the wrong NIC: the hardware address is that of another interface of the node that holds the address, or of another node. */
import {
  type Evidence,
  formatIp,
  formatMac,
  type Node,
  type Outcome,
  type Reason,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { macEvidence } from '../facts/links.js';
import { partOf } from '../facts/part-of.js';
import { checkAnswers } from './answers.js';
import { type ArpSettings, arpSettings, missingSettings, settingEvidence } from './arp-settings.js';
import { certaintyOf, networkDoubt, subjectOf, wayDoubt, waysOf } from './arrival.js';
import { astrayEntries, devicesByMac } from './astray.js';
import { entryFix } from './fix.js';
import { heldAddresses, type Misdirected, misdirectedEntries } from './misdirected.js';
import { statementOf } from './report-astray.js';
import { trafficEvidence } from './traffic.js';

const messages = {
  dropped:
    '{node} sends what is for {ip} to {lladdr}, which is {wrong} of {holder} and not {right}: {holder} drops it there, since rp_filter={rpFilter} lets in only what {wrong} would answer',
  misled:
    '{node} sends what is for {ip} to {lladdr}, which is {wrong} of {holder} and not {right}: traffic for {right} comes in at {wrong}, {let}',
  open: '{node} has the hardware address of {wrong} of {holder}, {lladdr}, for {ip}, which is an address of {right}: frames for {right} arrive at {wrong}',
  astray:
    '{node} sends what is for {ip}, which is {right} of {holder}, to {lladdr}, which is {wrong} of {taker}: {fate}',
  answers:
    '{wrong} of {holder} answers ARP for {ip} {beside}, which is an address of {right}: whoever keeps its answer {lladdr} sends what is for {right} to {wrong}',
  several:
    '{count} hardware addresses answer ARP for {ip} ({lladdrs}): two interfaces of one machine on one segment, two machines with one address, or a router that answers for others; whoever asks keeps one of them',
} as const;

export type Context = RuleContext<keyof typeof messages>;

export const neighLladdrOfOtherInterface = defineRule({
  id: 'neigh-lladdr-of-other-interface',
  severity: 'error',
  summary:
    'A neighbour entry holds the hardware address of another interface of the same node, or of another node, so traffic takes the wrong NIC.',
  needs: ['ip-neigh', 'ip-addr', 'ip-link', 'sysctl'],
  messages,
  check: (cx) => {
    const { nodes } = cx.snapshot;
    const known = nodes.filter(({ host }) => host.addresses.rows.length > 0 && host.links.rows.length > 0);
    const held = heldAddresses(known);
    checkAnswers(cx, held);
    if (known.length === 0 || nodes.length < 2) {
      cx.notEvaluated(null, ['ip-neigh', 'ip-addr'], 'the interfaces of the neighbours were not captured');
      return;
    }
    const devices = devicesByMac(nodes);
    for (const node of nodes) {
      if (!known.includes(node)) cx.notEvaluated(node.name, ['ip-addr']);
      if (node.host.neighbours.state === 'absent') cx.notEvaluated(node.name, ['ip-neigh']);
      for (const found of misdirectedEntries(node, held)) reportEntry(cx, found);
      for (const found of astrayEntries(node, held, devices))
        cx.report('astray', statementOf(cx.snapshot, found, cx.assume));
    }
  },
});

function reportEntry(cx: Context, found: Misdirected): void {
  const { entry, holder, wrong } = found;
  const settings = arpSettings(holder, wrong.name);
  const ways = waysOf(cx.snapshot, found, cx.assume);
  const outcome = ways.find(({ final }) => final.node === holder.name && final.iface === wrong.name) ?? null;
  const doubts = doubtsOf(found, settings, outcome === null ? wayDoubt(found, ways) : assumedOn(outcome));
  const { data, ...about } = subjectOf(found);
  cx.report(messageOf(outcome, settings), {
    ...about,
    certainty: certaintyOf(found, [], doubts),
    data: {
      ...data,
      let:
        entry.ip.family === 6
          ? 'and IPv6 has no rp_filter'
          : `where rp_filter=${settings.reversePath.value} lets it in`,
      ...wrongAddress(found),
      ...settingData(settings),
    },
    evidence: evidenceOf(cx.snapshot, found, settings),
    assumptions: doubts.map(({ text }) => text),
    path: outcome === null ? [] : [...outcome.steps, ...(outcome.reply?.steps ?? [])],
    fix: entryFix(found, settings),
  });
}

function messageOf(outcome: Outcome | null, { reversePath }: ArpSettings): keyof typeof messages {
  if (outcome?.disposition === 'rp-filtered') return 'dropped';
  const known = outcome !== null && outcome.disposition !== 'undetermined' && reversePath.value !== null;
  return known || reversePath.value === 0 ? 'misled' : 'open';
}

/** Dumps that decide which interface a frame comes in by and what becomes of it there. */
const decisive = new Set<Reason['dump']>([null, 'ip-neigh', 'ip-addr', 'ip-link', 'ip-route', 'ip-rule', 'sysctl']);

/** What others leave open is told where the way there is, and not the answer's alone. On another wire the frame is lost, and astray as well. */
function assumedOn({ assumptions, because, disposition }: Outcome): readonly Reason[] {
  const isDecisive = ({ dump, unlessFails }: Reason) => unlessFails !== true && decisive.has(dump);
  const open = disposition === 'undetermined' ? because : because.filter(isDecisive);
  return [...assumptions.filter(isDecisive), ...open];
}

function doubtsOf(found: Misdirected, settings: ArpSettings, way: readonly Reason[]): readonly Reason[] {
  const { holder, entry, wrong } = found;
  const unset = entry.ip.family === 4 ? missingSettings(settings, holder, wrong.name) : [];
  return [...networkDoubt(found), ...unset, ...way];
}

function wrongAddress({ holder, wrong, entry }: Misdirected): Readonly<Record<string, string>> {
  const row = holder.host.addresses.rows.find(
    (address) => address.dev === wrong.name && address.ip.family === entry.ip.family,
  );
  return row === undefined ? {} : { wrongAddress: formatIp(row.ip) };
}

function settingData({
  ignore,
  announce,
  filter,
  reversePath,
}: ArpSettings): Readonly<Record<string, number | string>> {
  return {
    arpIgnore: ignore.value ?? 'unknown',
    arpAnnounce: announce.value ?? 'unknown',
    arpFilter: filter.value ?? 'unknown',
    rpFilter: reversePath.value ?? 'unknown',
  };
}

function evidenceOf(snapshot: Snapshot, found: Misdirected, settings: ArpSettings): readonly Evidence[] {
  const { node, entry, holder, address, right, wrong } = found;
  const [ip, lladdr] = [formatIp(entry.ip), formatMac(entry.lladdr)];
  return [
    { span: partOf(snapshot, entry.span, `lladdr ${lladdr}`), why: `where ${node.name} sends frames for ${ip}` },
    { span: partOf(snapshot, address.span, ip), why: `${ip} is an address of ${right.name}` },
    macEvidence(snapshot, right, `hardware address of ${right.name}`),
    macEvidence(snapshot, wrong, `${lladdr} is the hardware address of ${wrong.name}`),
    ...wrongAddressEvidence(snapshot, found),
    ...(entry.ip.family === 4 ? settingEvidence(settings, holder.name, wrong.name) : []),
    ...routeEvidence(node, found),
    ...trafficEvidence(snapshot, found),
  ];
}

function wrongAddressEvidence(snapshot: Snapshot, { holder, wrong, entry }: Misdirected): readonly Evidence[] {
  const row = holder.host.addresses.rows.find((one) => one.dev === wrong.name && one.ip.family === entry.ip.family);
  return row === undefined
    ? []
    : [{ span: partOf(snapshot, row.span, formatIp(row.ip)), why: `the address that ${wrong.name} is for` }];
}

/** Who else goes this way: routes that name the address as their gateway. */
function routeEvidence(node: Node, { entry }: Misdirected): readonly Evidence[] {
  const through = node.host.routes.rows.filter(({ nexthops }) =>
    nexthops.some(({ via, dev }) => via !== null && sameIp(via, entry.ip) && (dev === null || dev === entry.dev)),
  );
  return through.slice(0, 2).map(({ span }) => ({ span, why: 'goes the same way' }));
}
