import { expect, it } from 'vitest';
import { parseSnapshot } from '../parse-snapshot.js';

const id = '0f3c1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7';
const listing = '[root@n1 ~]# ls /var/lib/cni/networks/cbr0/\n10.244.1.2  10.244.1.3  last_reserved_ip.0  lock\n';
const contents = `[root@n1 ~]# head /var/lib/cni/networks/cbr0/10.244.1.2*\n==> /var/lib/cni/networks/cbr0/10.244.1.2 <==\n${id}\neth0\n`;
const reservationsIn = (text: string) => parseSnapshot({ 'ticket.txt': text }).nodes[0]?.reservations;

it('counts a file once that a listing and its content show, and keeps the content', () => {
  for (const text of [listing + contents, contents + listing]) {
    const dump = reservationsIn(text);
    expect(dump?.rows.map((row) => row.containerId).sort()).toEqual([id, null]);
    expect(dump?.state).toBe('complete');
  }
});

it('is not complete with contents alone', () => {
  expect(reservationsIn(contents)?.state).toBe('partial');
});
