/** What came of many connections, under each feature of their clusters, and why answers were left open. */
import type { ClusterCase } from './case.js';
import type { Judgement } from './judge.js';
import type { Judged } from './referee.js';

type Kind = Judgement['kind'];
const kinds: readonly Kind[] = ['exact', 'open', 'assumed', 'wrong'];

export class Tally {
  readonly #counts = new Map<string, Map<Kind, number>>();
  readonly #reasons = new Map<string, number>();
  readonly #endings = new Map<string, number>();

  add({ features }: ClusterCase, judged: readonly Judged[]): void {
    for (const { assume, judgement, asked, result, connection } of judged) {
      const [outcome, another] = asked.ok ? asked.trace.outcomes : [];
      if (assume === 'none' && outcome !== undefined && another === undefined) {
        const { disposition, rejectWith, reply } = outcome;
        const told = `${connection.proto} ${disposition} ${rejectWith ?? ''} ${reply?.disposition ?? ''}`;
        const ending = `${told}: ${result.kind === 'error' ? result.errno : result.kind}`;
        this.#endings.set(ending, (this.#endings.get(ending) ?? 0) + 1);
      }
      for (const feature of ['all', ...features]) this.#count(`${assume} ${feature}`, judgement.kind);
      if (judgement.kind !== 'open') continue;
      const which = features[0] ?? '';
      for (const text of new Set(judgement.because.map(withoutNames))) {
        const reason = `${assume}, ${which}: ${text}`;
        this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
      }
    }
  }

  get wrong(): number {
    return ['none all', 'defaults all'].reduce((sum, row) => sum + (this.#counts.get(row)?.get('wrong') ?? 0), 0);
  }

  lines(mostReasons: number): readonly string[] {
    const reasons = [...this.#reasons].sort(([, x], [, y]) => y - x).slice(0, mostReasons);
    return [
      ...[...this.#counts].sort(([x], [y]) => (x < y ? -1 : 1)).map(([row, counts]) => `${row}: ${told(counts)}`),
      ...reasons.map(([reason, count]) => `open ${count}: ${reason}`),
    ];
  }

  /** What connections that go one way came to, as `trace` has it and as the client saw it. */
  endings(): readonly string[] {
    return [...this.#endings]
      .sort(([x], [y]) => (x < y ? -1 : 1))
      .map(([ending, count]) => `ending ${count}: ${ending}`);
  }

  #count(row: string, kind: Kind): void {
    const counts = this.#counts.get(row) ?? new Map<Kind, number>();
    this.#counts.set(row, counts);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
}

function told(counts: ReadonlyMap<Kind, number>): string {
  const all = kinds.reduce((sum, kind) => sum + (counts.get(kind) ?? 0), 0);
  return `${all} connections, ${kinds.map((kind) => `${kind} ${counts.get(kind) ?? 0}`).join(', ')}`;
}

/** Reasons that differ in names alone are one. */
function withoutNames(text: string): string {
  return text
    .replace(/\b\d+\.\d+\.\d+\.\d+\b|\bfd[\da-f]*:[\da-f:]+/g, 'IP')
    .replace(/\b(?:n|p|v|cali)\d[ab]?\b/g, (name) => name[0]?.toUpperCase() ?? '');
}
