import { formatIp, lookupRoute, newWorld, type Place, type Skb, selectSource } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { packet } from '../../packages/core/src/netfilter/match/testing.js';
import { routeInput } from '../../packages/core/src/path/route-input.js';
import { type Disagreement, freshSeed, intolerable, mostOpen, seedsOf } from './fresh.js';
import { describeKernel } from './gate.js';
import { askNetwork } from './routing-capture.js';
import { type Network, type Query, wordsOf } from './routing-generator.js';

function gets({ family, queries }: Network): string {
  return queries.map((query) => `ip -${family} route get ${wordsOf(query)} 2>&1 || true; echo -----`).join('\n');
}

const errors: Readonly<Record<string, string>> = {
  'Network is unreachable': 'ENETUNREACH',
  'No route to host': 'EHOSTUNREACH',
  'Permission denied': 'EACCES',
  'Invalid argument': 'EINVAL',
  'Invalid cross-device link': 'EINVAL',
};

interface Said {
  readonly type: string;
  readonly via: string | null;
  readonly dev: string | null;
  readonly src: string | null;
}

/** The kernel's answer: an errno, or type, gateway, device and source. */
function kernelSays(text: string): Said | string {
  const error = /RTNETLINK answers: (.+)/.exec(text)?.[1]?.trim();
  if (error !== undefined) return errors[error] ?? error;
  const [line = ''] = text.split('\n');
  const type = /^(local|broadcast|multicast|anycast|unreachable|blackhole|prohibit) /.exec(line)?.[1] ?? 'unicast';
  const word = (name: string) => new RegExp(` ${name} (?:inet6 )?(\\S+)`).exec(line)?.[1] ?? null;
  return { type, via: word('via'), dev: word('dev'), src: word('src') };
}

function skbOf(query: Query, family: 4 | 6): Skb {
  const any = family === 4 ? '0.0.0.0' : '::';
  // The tool asks for UDP unless told otherwise, in IPv4.
  const proto = query.proto === 'tcp' ? 6 : query.proto === 'udp' || family === 4 ? 17 : 0;
  const { mark, tos, sport, dport, iif } = query;
  const head = { family, src: query.from ?? any, dst: query.dst };
  return packet({ ...head, mark, tos, sport, dport, iif, oif: null, proto, owner: { uid: 0, gid: 0 } }).skb;
}

type Ours = Said | string | { readonly open: readonly string[] };

function weSay(place: Place, query: Query, family: 4 | 6, kernel: Said | string): Ours {
  return query.iif === null || family === 6 ? looked(place, query, family, kernel) : incoming(place, query, kernel);
}

/** For IPv6 the tool looks up what came in too, without asking whether it may be forwarded. */
function looked(place: Place, query: Query, family: 4 | 6, kernel: Said | string): Ours {
  const skb = skbOf(query, family);
  const answer = lookupRoute(place, {
    ...skb,
    src: query.from === null ? null : skb.src,
    iif: query.iif,
    oif: query.oif,
    proto: skb.proto,
    // It asks for what came in as for nobody's.
    uid: query.iif === null ? 0 : -1,
  });
  if (answer.kind === 'open') return { open: answer.because.map(({ text }) => text) };
  if (answer.kind === 'error') return answer.errno;
  const hop =
    answer.hops.find(
      (one) => typeof kernel !== 'string' && formatted(one.via) === kernel.via && one.dev === kernel.dev,
    ) ?? answer.hops[0];
  const local = answer.route.type === 'local';
  const source = query.from !== null ? null : selectSource(place, answer.route, hop, skb.dst);
  if (source?.kind === 'open') return { open: source.because.map(({ text }) => text) };
  const dev = local ? 'lo' : (hop?.dev ?? null);
  return {
    type: answer.route.type,
    via: local ? null : formatted(hop?.via ?? null),
    dev,
    src: source?.kind === 'source' ? formatIp(source.ip) : null,
  };
}

function formatted(ip: Skb['src'] | null): string | null {
  return ip === null ? null : formatIp(ip);
}

function incoming(place: Place, query: Query, kernel: Said | string): Ours {
  const { ended, routed } = routeInput(place, newWorld(skbOf(query, 4)));
  const [one] = ended;
  if (one !== undefined) {
    const { disposition, rejectWith } = one.end ?? {};
    if (disposition === 'undetermined') return { open: one.because.map(({ text }) => text) };
    // Both are refused alike.
    if (disposition === 'martian' || disposition === 'rp-filtered' || disposition === 'dropped') return 'EINVAL';
    return { 'icmp 3/0': 'ENETUNREACH', 'icmp 3/1': 'EHOSTUNREACH', 'icmp 3/13': 'EACCES' }[rejectWith ?? ''] ?? 'none';
  }
  const way =
    routed.find(
      ({ hop }) => typeof kernel !== 'string' && formatted(hop?.via ?? null) === kernel.via && hop?.dev === kernel.dev,
    ) ?? routed[0];
  if (way === undefined) return 'nothing';
  const here = way.route.type === 'local' || way.route.type === 'broadcast';
  return {
    type: way.route.type,
    via: here ? null : formatted(way.hop?.via ?? null),
    dev: way.route.type === 'local' ? 'lo' : (way.hop?.dev ?? null),
    src: null,
  };
}

/** What no dump tells: these are open by nature, however often the generator makes them. */
const historical = [
  /whether policy rules were ever changed/,
  /what the kernel last saw of their gateways/,
  /whether all ways of a multipath route have the src/,
  /a gateway that is local to the namespace itself/,
];

/** Why a question is open that a dump should settle. */
function lackOf(ours: Ours): readonly string[] {
  if (typeof ours === 'string' || !('open' in ours)) return [];
  return ours.open.filter((text) => !historical.some((kind) => kind.test(text)));
}

/** What `ip route get` does not print, or prints for its own reasons, is not compared. */
function agree(ours: Ours, kernel: Said | string, query: Query, family: 4 | 6): boolean {
  if (typeof ours === 'object' && 'open' in ours) return true;
  if (typeof ours === 'string' || typeof kernel === 'string') return ours === kernel;
  const sameSource = query.from !== null || ours.src === kernel.src;
  const sameDevice = ours.dev === kernel.dev || (family === 6 && ours.type === 'local') || ours.type === 'broadcast';
  return ours.type === kernel.type && ours.via === kernel.via && sameDevice && sameSource;
}

/** What the kernel answers without its tables: a source that is not its own, and a device named where no route leads. */
function isForeign(place: Place, query: Query, kernel: Said | string, ours: Ours): boolean {
  const { from, iif, oif } = query;
  const own = place.ns.addresses.rows.some(
    (row) => from !== null && formatIp(row.ip) === formatIp(packet({ src: from }).skb.src),
  );
  if (from !== null && iif === null && !own) return true;
  return (
    oif !== null && typeof ours === 'string' && typeof kernel !== 'string' && kernel.via === null && kernel.dev === oif
  );
}

const networks = Number(process.env['COLDTRACE_CASES'] ?? 40);

describeKernel('routing', () => {
  it(`answers as ip route get does (seed ${freshSeed}, ${networks} networks)`, { timeout: 600_000 }, () => {
    const wrong: Disagreement[] = [];
    const reasons = new Map<string, number>();
    let asked = 0;
    let lacking = 0;
    for (const seed of seedsOf(networks)) {
      const { network, place, printed } = askNetwork(seed, 60, gets);
      const answers = printed.split('-----\n');
      network.queries.forEach((query, index) => {
        const kernel = kernelSays(answers[index] ?? '');
        const ours = weSay(place, query, network.family, kernel);
        if (isForeign(place, query, kernel, ours)) return;
        asked++;
        if (typeof ours === 'object' && 'open' in ours) {
          for (const reason of ours.open) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        }
        if (lackOf(ours).length > 0) lacking++;
        if (agree(ours, kernel, query, network.family)) return;
        const differ = `${wordsOf(query)}\n  kernel ${JSON.stringify(kernel)}\n  ours   ${JSON.stringify(ours)}`;
        wrong.push({ seed, text: `${differ}\n${network.setup.join('\n')}\n${answers[index]}` });
      });
    }
    const open = [...reasons].sort(([, x], [, y]) => y - x);
    console.info(`routing: ${asked} asked, ${wrong.length} wrong, open: ${JSON.stringify(open.slice(0, 12))}`);
    expect(intolerable('routing', wrong, asked)).toEqual([]);
    expect(lacking, JSON.stringify(open)).toBeLessThan(asked * mostOpen);
  });
});
