/** What was unpacked last, for data that repeat it: grows with what there is, and forgets what is farther back than the format may reach. */
import { Damage } from './codec.js';

const smallest = 4096;

/** For fewer bytes a loop is quicker than a call. */
const short = 128;

export class History {
  bytes = new Uint8Array(smallest);
  /** Where the next byte goes. */
  end = 0;
  /** Nothing before this may be repeated. */
  private start = 0;

  /** How far back a repetition may reach at most. */
  constructor(private readonly reach: number) {}

  reset(): void {
    this.start = this.end;
  }

  /** Room for so many bytes more. */
  reserve(count: number): void {
    if (this.end + count <= this.bytes.length) return;
    const kept = Math.min(this.end - this.start, this.reach);
    const from = this.end - kept;
    // Twice what is kept, so that moving it costs no more than having made it.
    const wanted = Math.max(smallest, 2 * (kept + count));
    const into = wanted > this.bytes.length ? new Uint8Array(wanted) : this.bytes;
    into.set(this.bytes.subarray(from, this.end));
    this.bytes = into;
    this.start = 0;
    this.end = kept;
  }

  /** How far back a repetition may reach now. */
  reachable(): number {
    return Math.min(this.end - this.start, this.reach);
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.copy(bytes, 0, bytes.length);
  }

  /** Part of what is at hand; there must be room. */
  copy(source: Uint8Array, from: number, count: number): void {
    const { bytes, end } = this;
    if (count > short) bytes.set(source.subarray(from, from + count), end);
    else for (let at = 0; at < count; at++) bytes[end + at] = source[from + at] as number;
    this.end = end + count;
  }

  /** There must be room. */
  repeat(distance: number, count: number): void {
    if (distance > this.reachable() || distance <= 0) throw new Damage('it repeats what was not there');
    const { bytes, end } = this;
    const stop = end + count;
    if (count > short && distance >= count) bytes.copyWithin(end, end - distance, stop - distance);
    else for (let at = end; at < stop; at++) bytes[at] = bytes[at - distance] as number;
    this.end = stop;
  }

  /** A copy of the last bytes. */
  last(count: number): Uint8Array {
    return this.bytes.slice(this.end - count, this.end);
  }
}
