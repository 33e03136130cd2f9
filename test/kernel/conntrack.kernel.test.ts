/** Random rules around connections, and flows of several packets: states, marks, zones and NAT are the kernel's. nf_conntrack_core.c, nf_nat_core.c. */
import type { AnswerLine } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { prng } from '../bench/prng.js';
import { randomCase, randomSetup } from './conntrack-generator.js';
import { askRouter, type Became, type Sent, sayOf, sayOfReply, type WirePacket } from './conntrack-router.js';
import { type Disagreement, freshSeed, intolerable, seedsOf } from './fresh.js';
import { describeKernel } from './gate.js';

const rulesets = Number(process.env['COLDTRACE_CASES'] ?? 4);
const casesEach = 12;

type Answer = Extract<AnswerLine, { readonly hits?: unknown }>;

type Said = readonly [said: AnswerLine, real: Became];

function isReply(sent: Sent | undefined): boolean {
  return sent !== undefined && 'answers' in sent && sent.from === undefined;
}

/** What of an answer the wire shows. */
function wordsOf(answer: Answer): string {
  const isForwarded = answer.outcome === 'forward';
  const { src, dst, sport, dport, icmp_id: id, ttl } = answer;
  const packet = isForwarded ? JSON.stringify([answer.out_iface, src, dst, sport, dport, id, ttl]) : 'stays';
  return `${packet} ${hitsIn(answer.hits ?? [])}`;
}

function hitsIn(hits: readonly (readonly [string, string, number, string?])[]): string {
  return hits
    .filter(([table, chain]) => table !== 'raw' || chain !== 'OUTPUT')
    .map(([table, chain, rule]) => `${table}/${chain}/${rule}`)
    .sort()
    .join(' ');
}

function kernelSays({ hits, out, sent }: Became): string {
  const frame = out.find((one) => one.dev !== sent.dev || one.proto === sent.proto);
  const passed = frame !== undefined && !isOwnAnswer(sent, frame);
  const packet = passed
    ? JSON.stringify([frame.dev, frame.src, frame.dst, frame.sport, frame.dport, idOf(frame), frame.ttl])
    : 'stays';
  return `${packet} ${hitsIn(hits)}`;
}

function idOf(frame: WirePacket): number | undefined {
  return frame.inner === undefined ? frame.id : undefined;
}

/** The node answers for itself with a full TTL. */
function isOwnAnswer(sent: WirePacket, frame: WirePacket): boolean {
  return frame.ttl === 64 && (sent.ttl ?? 64) === 64;
}

describeKernel('connections', () => {
  it(`packets of random flows are what the kernel makes of them, seed ${freshSeed}`, () => {
    const wrong: Disagreement[] = [];
    let exact = 0;
    let open = 0;
    const opened = new Map<string, number>();
    for (const seed of seedsOf(rulesets)) {
      const random = prng(seed);
      const family = random.pick([4, 4, 6] as const);
      const variant = random.pick(['legacy', 'nft'] as const);
      const setup = randomSetup(family, variant, random);
      const cases = Array.from({ length: casesEach }, () => randomCase(family, random));
      const router = askRouter({ family, variant, setup, cases });
      router.cases.forEach((became, at) => {
        const packets = cases[at]?.packets ?? [];
        const replies = became.flatMap((real, index): readonly Said[] => {
          const asked = became[index - 1];
          return asked !== undefined && isReply(packets[index]) ? [[sayOfReply(router, asked, real), real]] : [];
        });
        const all = sayOf(router, became).flatMap((said, index): readonly Said[] => {
          const real = became[index];
          return real === undefined ? [] : [[said, real]];
        });
        for (const [said, real] of [...all, ...replies]) {
          if (!('outcome' in said) || said.outcome === 'unknown') {
            open++;
            const why = JSON.stringify('because' in said ? said.because : said);
            opened.set(why, (opened.get(why) ?? 0) + 1);
            continue;
          }
          if (wordsOf(said) === kernelSays(real)) exact++;
          else wrong.push({ seed, text: report(setup, real, wordsOf(said)) });
        }
      });
    }
    console.info(`seed ${freshSeed}: ${exact} exact, ${open} open, ${wrong.length} wrong`, Object.fromEntries(opened));
    expect(intolerable('conntrack', wrong, exact + wrong.length)).toEqual([]);
    expect(exact).toBeGreaterThan(10 * open);
  }, 600_000);
}, ['python3', 'conntrack']);

function report(setup: string, real: Became, said: string): string {
  return `${setup}\n${real.before}${JSON.stringify(real.sent)}\nwe say  ${said}\nkernel  ${kernelSays(real)}\n${real.after}`;
}
