/** Counts of judgements by kind of probe and by feature of the case, and the table that shows them. */
import type { Case } from './case.js';
import type { Judged } from './referee.js';

interface Count {
  probes: number;
  exact: number;
  unknown: number;
  wrong: number;
}

/** Cases of neighbouring seeds. */
export interface Stretch {
  readonly seed: number;
  readonly cases: number;
}

/** A tally as text, so that a long run can be made in pieces. */
export interface TallyText {
  readonly stretches: readonly Stretch[];
  readonly rows: readonly (readonly [string, Count])[];
  readonly reasons: readonly (readonly [string, number])[];
  readonly drawn: number;
  readonly untold: number;
  readonly cases: number;
}

export class Tally {
  readonly #rows = new Map<string, Count>();
  readonly #reasons = new Map<string, number>();
  #drawn = 0;
  #untold = 0;
  #cases = 0;

  /** Adds another run's. */
  merge({ rows, reasons, drawn, untold, cases }: TallyText): void {
    for (const [name, { probes, exact, unknown, wrong }] of rows) {
      const row = this.#row(name);
      row.probes += probes;
      row.exact += exact;
      row.unknown += unknown;
      row.wrong += wrong;
    }
    for (const [reason, count] of reasons) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + count);
    this.#drawn += drawn;
    this.#untold += untold;
    this.#cases += cases;
  }

  text(stretches: readonly Stretch[]): TallyText {
    const { cases, untold, drawn, reasons } = this;
    return { stretches, cases, drawn, untold, rows: [...this.#rows], reasons };
  }

  add(one: Case, judged: readonly Judged[]): void {
    this.#cases++;
    for (const { probe, judgement } of judged) {
      const names = ['all', `kind ${probe.kind}`, `protocol ${probe.proto ?? 'none'}`, ...one.features];
      for (const name of names) {
        const row = this.#row(name);
        row.probes++;
        row[judgement.kind]++;
      }
      if (judgement.kind === 'exact' && judgement.drawn) this.#drawn++;
      if (judgement.kind !== 'unknown') continue;
      const reason = judgement.because.join('; ');
      this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    }
  }

  #row(name: string): Count {
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = { probes: 0, exact: 0, unknown: 0, wrong: 0 };
      this.#rows.set(name, row);
    }
    return row;
  }

  /** Answers that turned wrong where a dump was taken away. */
  addUntold(count: number): void {
    this.#untold += count;
  }

  /** Exact answers in which the kernel had drawn a port. */
  get drawn(): number {
    return this.#drawn;
  }

  get cases(): number {
    return this.#cases;
  }

  get untold(): number {
    return this.#untold;
  }

  get total(): Readonly<Count> {
    return this.#row('all');
  }

  /** Why answers were left open, most frequent first. */
  get reasons(): readonly (readonly [string, number])[] {
    return [...this.#reasons].sort(([, x], [, y]) => y - x);
  }

  /** Markdown. */
  table(): string {
    const head = ['| kind or feature | probes | exact | unknown | wrong |', '|---|---:|---:|---:|---:|'];
    const rows = [...this.#rows]
      .sort(([x], [y]) => order(x).localeCompare(order(y)))
      .map(([name, row]) => `| ${name} | ${row.probes} | ${row.exact} | ${row.unknown} | ${row.wrong} |`);
    return [...head, ...rows].join('\n');
  }
}

const groups = ['all', 'kind ', 'protocol ', 'IPv', 'legacy', 'nft', 'table ', ''];

function order(name: string): string {
  const group = groups.findIndex((start) => name.startsWith(start));
  return `${group} ${name}`;
}
