/** Rows of a table whose lines make several rules (`-s A,B`), or none (`-6` in IPv4): iptables-restore(8). */

/** Line offsets of the rules in order, and the chain of each as index into `order`. */
interface RowLists {
  readonly offsets: number[];
  readonly owners: number[];
  readonly order: readonly { count: number }[];
}

/** Lines that make several rules, or none, stand in the lists once for each rule. */
export function repeatRows(table: RowLists, uneven: ReadonlyMap<number, number>): void {
  const { offsets, owners } = table;
  const rows = offsets.flatMap((offset, index) => {
    const owner = owners[index] ?? 0;
    return Array.from({ length: uneven.get(index) ?? 1 }, () => ({ offset, owner }));
  });
  for (const chain of table.order) chain.count = 0;
  offsets.length = 0;
  owners.length = 0;
  for (const { offset, owner } of rows) {
    offsets.push(offset);
    owners.push(owner);
    const chain = table.order[owner];
    if (chain !== undefined) chain.count++;
  }
}
