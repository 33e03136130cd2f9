/** Counts of judgements by kind of probe and by feature of the case, and the table that shows them. */
import type { Case } from './case.js';
import type { Judged } from './referee.js';

interface Count {
  probes: number;
  exact: number;
  unknown: number;
  wrong: number;
}

export class Tally {
  readonly #rows = new Map<string, Count>();
  readonly #reasons = new Map<string, number>();
  #untold = 0;
  #cases = 0;

  add(one: Case, judged: readonly Judged[]): void {
    this.#cases++;
    for (const { probe, judgement } of judged) {
      const names = ['all', `kind ${probe.kind}`, `protocol ${probe.proto ?? 'none'}`, ...one.features];
      for (const name of names) {
        const row = this.#row(name);
        row.probes++;
        row[judgement.kind]++;
      }
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
