/** A frame arrives with a hardware address that is none of the device's: whose neighbour entry put it on the frame, and how the entry is mended. */
import {
  type Evidence,
  formatIp,
  formatMac,
  type Link,
  type Mac,
  type Neighbour,
  type Node,
  type Snapshot,
  type Span,
  type Step,
  sameMac,
} from '@coldtrace/core';
import type { Failure } from '../connections/fate.js';
import { macEvidence } from '../facts/links.js';
import { partOf } from '../facts/part-of.js';
import type { Fix, FixStep } from '../finding.js';
import { type Owner, ownerOfLink } from '../owner/owner.js';

export interface Misaddressed {
  readonly sender: Node;
  readonly entry: Neighbour & { readonly lladdr: Mac };
  readonly holder: Node;
  readonly device: Link & { readonly mac: Mac };
}

/** null: something else ends the packet's way. */
export function misaddressed({ nodes }: Snapshot, { steps, last }: Failure): Misaddressed | null {
  const arrived = last?.stage === 'ingress' && last.evidence.length === 0 ? steps.findLastIndex(isArrival) : -1;
  const sent = arrived < 0 ? null : sendingStep(steps.slice(0, arrived));
  const holder = nodes.find(({ name }) => name === last?.node);
  const sender = nodes.find(({ name }) => name === sent?.node);
  if (sent === null || holder === undefined || sender === undefined) return null;
  const entry = sender.host.neighbours.rows.find(({ span }) => rests(sent, span));
  const device = holder.host.links.rows.find(({ span }) => rests(steps[arrived], span));
  if (entry?.lladdr == null || device?.mac == null || sameMac(entry.lladdr, device.mac)) return null;
  return { sender, entry: { ...entry, lladdr: entry.lladdr }, holder, device: { ...device, mac: device.mac } };
}

/** It names the device that the frame came in at. */
const isArrival = ({ stage, evidence }: Step) => stage === 'ingress' && evidence.length > 0;

/** The frame left with the last step of this kind, or, where a tunnel carried it, with the last one before it went into the tunnel. */
function sendingStep(steps: readonly Step[]): Step | null {
  const isCarried = steps.at(-1)?.stage === 'vxlan';
  return (
    steps.findLast(({ stage }, at) => stage === 'egress' && (!isCarried || steps[at + 1]?.stage === 'vxlan')) ?? null
  );
}

const rests = (step: Step | undefined, { file, start }: Span) =>
  step?.evidence.some(({ span }) => span.file === file && span.start === start) === true;

export function misaddressedText({ sender, entry, holder, device }: Misaddressed): string {
  return `${sender.name} has the hardware address ${formatMac(entry.lladdr)} for ${formatIp(entry.ip)}, but ${device.name} of ${holder.name}, where the frame arrives, has ${formatMac(device.mac)}`;
}

export function misaddressedEvidence(snapshot: Snapshot, { entry, holder, device }: Misaddressed): readonly Evidence[] {
  const mac = formatMac(entry.lladdr);
  return [
    { span: partOf(snapshot, entry.span, mac), why: `the hardware address that frames for ${formatIp(entry.ip)} get` },
    macEvidence(snapshot, device, `the hardware address that ${device.name} of ${holder.name} has`),
  ];
}

export function misaddressedFix(found: Misaddressed): Fix {
  return found.device.details?.kind === 'vxlan'
    ? tunnelFix(found)
    : { ...learnedFix(found), notes: '', verified: null };
}

/** What was learned is learned again. */
function learnedFix({ sender, entry }: Misaddressed): Pick<Fix, 'steps' | 'persist'> {
  const byHand = entry.nud === 'PERMANENT';
  const forget: FixStep = {
    node: sender.name,
    command: `ip neigh del ${formatIp(entry.ip)} dev ${entry.dev}`,
    disrupts: `nothing: the next packet to ${formatIp(entry.ip)} asks again`,
    undo: restored(entry),
  };
  return {
    steps: [forget],
    persist: byHand
      ? `The entry is permanent: remove what sets it on ${sender.name}.`
      : 'An entry that was learned is asked for again by itself; if it comes back, somebody else answers for the address.',
  };
}

/** On a tunnel nobody can be asked: whoever runs it writes the entries. */
function tunnelFix({ sender, entry, holder, device }: Misaddressed): Fix {
  const { dev } = entry;
  const [ip, mac] = [formatIp(entry.ip), formatMac(device.mac)];
  const rows = sender.host.fdb.rows.filter((row) => row.dev === dev && row.dst !== null);
  const target = rows.find((row) => sameMac(row.mac, entry.lladdr))?.dst ?? null;
  const isKnown = rows.some((row) => sameMac(row.mac, device.mac));
  const forward: FixStep[] =
    target === null || isKnown
      ? []
      : [
          {
            node: sender.name,
            command: `bridge fdb append ${mac} dev ${dev} dst ${formatIp(target)} self permanent`,
            disrupts: 'nothing',
            undo: `bridge fdb del ${mac} dev ${dev} dst ${formatIp(target)} self`,
          },
        ];
  const owner = ownerOfLink(dev);
  return {
    steps: [
      {
        node: sender.name,
        command: `ip neigh replace ${ip} lladdr ${mac} dev ${dev} nud permanent`,
        disrupts: `nothing: ${holder.name} drops what carries the old address`,
        undo: restored(entry),
      },
      ...forward,
    ],
    persist: `${writer(owner)} writes these entries: restart its agent on ${sender.name}, and on ${holder.name} if the entry comes back.`,
    notes: '',
    verified: null,
  };
}

const writer = (owner: Owner | null) => owner ?? 'The network plugin';

function restored({ ip, lladdr, dev, nud }: Misaddressed['entry']): string {
  return `ip neigh replace ${formatIp(ip)} lladdr ${formatMac(lladdr)} dev ${dev} nud ${(nud ?? 'permanent').toLowerCase()}`;
}
