/** The kernel parameters that decide which interface answers ARP for which address. Documentation/networking/ip-sysctl.rst. */
import { type DumpId, type Evidence, gapOf, type Node, type Reason, type Sysctl } from '@coldtrace/core';

export interface ArpSetting {
  /** The greater of `all` and the device's; null: not captured. */
  readonly value: number | null;
  readonly row: Sysctl | null;
}

export interface ArpSettings {
  readonly ignore: ArpSetting;
  readonly announce: ArpSetting;
  readonly filter: ArpSetting;
  readonly reversePath: ArpSetting;
}

export function arpSettings(node: Node, dev: string): ArpSettings {
  const of = (name: string) => setting(node, name, dev);
  return {
    ignore: of('arp_ignore'),
    announce: of('arp_announce'),
    filter: of('arp_filter'),
    reversePath: of('rp_filter'),
  };
}

/** No other line can raise these further. */
const most: Readonly<Record<string, number>> = { arp_ignore: 8, arp_announce: 2, arp_filter: 1, rp_filter: 2 };

function setting({ host }: Node, name: string, dev: string): ArpSetting {
  const rows = ['all', dev].map((who) => host.sysctl.byKey.get(`net/ipv4/conf/${who}/${name}`));
  const known = rows.filter((row) => row !== undefined && row.trust !== 'claimed' && /^\d$/.test(row.value.trim()));
  const greatest = known.reduce<Sysctl | null>(
    (best, row) => (row !== undefined && (best === null || Number(row.value) > Number(best.value)) ? row : best),
    null,
  );
  const whole = host.sysctl.state === 'complete' || known.length === rows.length;
  if (greatest !== null && (whole || Number(greatest.value) === most[name]))
    return { value: Number(greatest.value), row: greatest };
  return { value: host.sysctl.state === 'complete' ? 0 : null, row: greatest };
}

/** The lines that say so, one per parameter. */
export function settingEvidence(settings: ArpSettings, holder: string, dev: string): readonly Evidence[] {
  const { ignore, announce, filter, reversePath } = settings;
  return [
    told(ignore, ignoreMeaning(shown(ignore), holder, dev)),
    told(announce, announceMeaning(shown(announce), holder)),
    told(filter, filterMeaning(shown(filter), dev)),
    told(reversePath, reversePathMeaning(shown(reversePath), dev)),
  ].flat();
}

function told({ row }: ArpSetting, why: string): readonly Evidence[] {
  return row === null ? [] : [{ span: row.span, why }];
}

/** What the line says; where another one that was not captured may say more, it alone is told. */
function shown({ value, row }: ArpSetting): number {
  return value ?? Number(row?.value ?? 0);
}

function filterMeaning(value: number, dev: string): string {
  return value === 0
    ? 'arp_filter=0: nor does it ask by which way the answer would go'
    : `arp_filter=${value}: ${dev} answers only those whom it routes to`;
}

function ignoreMeaning(value: number, holder: string, dev: string): string {
  if (value === 0 || value === 3)
    return `arp_ignore=${value}: ${dev} answers for addresses of other interfaces of ${holder} too`;
  return `arp_ignore=${value}: ${dev} answers only for its own addresses now, so the entry is from before or was made otherwise`;
}

function announceMeaning(value: number, holder: string): string {
  return value === 2
    ? `arp_announce=2: ${holder} asks with an address of the interface that it asks by`
    : `arp_announce=${value}: ${holder} may ask by one interface with the address of another`;
}

function reversePathMeaning(value: number, dev: string): string {
  if (value === 1)
    return `rp_filter=1: ${dev} drops what comes from networks of other interfaces, and answers no ARP for them`;
  return value === 2
    ? `rp_filter=2: ${dev} lets in what comes from networks of other interfaces`
    : `rp_filter=${value}: ${dev} lets everything in, whichever way its source is reached`;
}

/** What was not captured of it. */
export function missingSettings(settings: ArpSettings, holder: Node, dev: string): readonly Reason[] {
  const names = {
    ignore: 'arp_ignore',
    announce: 'arp_announce',
    filter: 'arp_filter',
    reversePath: 'rp_filter',
  } as const;
  const missing = (Object.keys(names) as (keyof ArpSettings)[]).filter((key) => settings[key].value === null);
  if (missing.length === 0) return [];
  const dump: DumpId = 'sysctl';
  const listed = (keys: typeof missing) => keys.map((key) => names[key]).join(', ');
  const ofAll = missing.filter((key) => settings[key].row !== null);
  const unseen = missing.filter((key) => settings[key].row === null);
  const gap = gapOf(holder.name, holder.host, dump);
  return [
    ...(unseen.length === 0
      ? []
      : [{ dump, text: `${listed(unseen)} of ${holder.name} not captured; the kernel's default 0 is taken ${gap}` }]),
    ...(ofAll.length === 0
      ? []
      : [{ dump, text: `${listed(ofAll)} may be higher for ${dev} of ${holder.name} alone than was captured ${gap}` }]),
  ];
}
