/** Why nothing masquerades the node's own calls to Services: found by trying what would. */
import {
  type AssumeMode,
  type Evidence,
  formatMasked,
  type IpSet,
  maskedContains,
  matchData,
  type Rule,
  setMatch,
} from '@coldtrace/core';
import { type Standing, withMember, withParameter } from '../facts/altered.js';
import { type AddressService, addressServices } from '../facts/ipvs-services.js';
import { holdsService, memberText, serviceMember } from '../facts/set-members.js';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';
import { type Call, show } from './call.js';

export type Cause =
  /** What IPVS sends never comes to nat POSTROUTING. */
  | { readonly kind: 'conntrack'; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'member'; readonly set: string; readonly member: string; readonly evidence: readonly Evidence[] }
  /** The rule that masquerades Services leaves out sources of a network that holds the Service addresses. */
  | { readonly kind: 'exempt'; readonly network: string; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'masquerade'; readonly evidence: readonly Evidence[] };

export const conntrackKey = 'net/ipv4/vs/conntrack';

export function causeOf(standing: Standing, call: Call, assume: AssumeMode): Cause {
  const { host } = standing.node;
  const setting = host.sysctl.byKey.get(conntrackKey);
  const on = setting !== undefined && setting.value !== '0';
  if (!on && isMended(withParameter(standing, conntrackKey, '1'), call, assume)) {
    const lines = setting === undefined ? [] : [{ span: setting.span, why: 'packets of IPVS are not tracked' }];
    return { kind: 'conntrack', evidence: [...lines, ...masquerading(standing, call)] };
  }
  const tracked = on ? standing : withParameter(standing, conntrackKey, '1');
  return (
    lackingMember(tracked, call, assume) ??
    exempted(standing, call) ?? { kind: 'masquerade', evidence: unmarked(standing, call) }
  );
}

function isMended(standing: Standing, call: Call, assume: AssumeMode): boolean {
  const { lost, trace } = show(standing, call, assume);
  return lost.length === 0 && trace.verdict !== 'unknown';
}

const natStages = ['nat/OUTPUT', 'nat/POSTROUTING'];

/** The rules that would masquerade the call if packets of IPVS came to them. */
function masquerading(standing: Standing, call: Call): readonly Evidence[] {
  const { trace } = show(withParameter(standing, conntrackKey, '1'), call, 'defaults');
  const steps = trace.outcomes[0]?.steps ?? [];
  return steps
    .filter(({ node, stage, rule }) => node === standing.node.name && natStages.includes(stage) && rule !== undefined)
    .flatMap(({ evidence }) => evidence.slice(0, 1).map(({ span }) => ({ span, why: 'would masquerade it' })))
    .slice(-1);
}

interface SetUse {
  readonly set: IpSet;
  readonly rule: Rule;
}

/** Sets of addresses and ports by which rules of nat tell the Services, with the first rule that uses each. */
function serviceSets({ node }: Standing, { ip }: AddressService): readonly SetUse[] {
  const found = new Map<string, SetUse>();
  for (const { table } of tablesNamed(node.host, ip.family, 'nat')) {
    for (const { rule } of rulesOf(table)) {
      for (const match of rule.matches) {
        const data = matchData(match, setMatch);
        if (data === null || data.invert || data.directions[1] !== 'dst' || found.has(data.set)) continue;
        const set = node.host.ipsets.rows.find((row) => row.name === data.set && row.type === 'hash:ip,port');
        if (set?.complete) found.set(data.set, { set, rule });
      }
    }
  }
  return [...found.values()];
}

/** A set that holds the other Services and not this one. */
function lackingMember(standing: Standing, call: Call, assume: AssumeMode): Cause | null {
  const { service } = call;
  const { ip, proto, port } = service;
  const member = memberText(ip, proto, port);
  const others = addressServices(standing.node.host).filter(({ row }) => row !== service.row);
  for (const { set, rule } of serviceSets(standing, service)) {
    if (holds(set, service)) continue;
    const isMeant =
      set.name.endsWith('CLUSTER-IP') || others.filter((one) => holds(set, one)).length * 2 > others.length;
    if (!isMeant || !isMended(withMember(standing, set, serviceMember(ip, proto, port)), call, assume)) continue;
    const evidence = [
      { span: set.span, why: `holds no ${member}` },
      { span: rule.span, why: `masquerades what ${set.name} holds` },
    ];
    return { kind: 'member', set: set.name, member, evidence };
  }
  return null;
}

/** `! -s NETWORK … --match-set SERVICES dst,dst -j MARK`, and the network holds the Service's own address. */
function exempted(standing: Standing, { service }: Call): Cause | null {
  for (const { table } of tablesNamed(standing.node.host, service.ip.family, 'nat')) {
    for (const { rule } of rulesOf(table)) {
      const { src } = rule.header;
      if (src === null || !src.invert || !maskedContains(src.masked, service.ip)) continue;
      const sets = rule.matches.flatMap((match) => matchData(match, setMatch)?.set ?? []);
      const lists = standing.node.host.ipsets.rows.some((set) => sets.includes(set.name) && holds(set, service));
      if (!lists) continue;
      const network = formatMasked(src.masked);
      return {
        kind: 'exempt',
        network,
        evidence: [{ span: rule.span, why: `masquerades only what is not from ${network}` }],
      };
    }
  }
  return null;
}

/** The rule that masquerades marked packets only, else the chain in which nothing masquerades. */
function unmarked({ node }: Standing, { service }: Call): readonly Evidence[] {
  const tables = tablesNamed(node.host, service.ip.family, 'nat').map(({ table }) => table);
  for (const table of tables) {
    for (const { rule } of rulesOf(table)) {
      const masquerades = rule.target?.kind === 'known' && rule.target.name === 'MASQUERADE';
      if (masquerades && rule.matches.some(({ name }) => name === 'mark'))
        return [{ span: rule.span, why: 'masquerades only what carries a mark, which nothing gives this packet' }];
    }
  }
  const chain = tables.flatMap(({ chains }) => chains).find(({ name }) => name === 'POSTROUTING');
  return chain?.span == null ? [] : [{ span: chain.span, why: 'nothing in it masquerades the packet' }];
}

function holds(set: IpSet, { ip, proto, port }: AddressService): boolean {
  return holdsService(set, ip, proto, port);
}
