/** Bits as bzip2 writes them: the highest of a byte first. */

/** The data end too early. */
export class Cut extends Error {}

export class ForwardBits {
  private at = 0;
  private held = 0;
  private count = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Up to 24 bits. */
  read(wanted: number): number {
    while (this.count < wanted) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new Cut('the data end too early');
      // What was read already leaves at the top.
      this.held = (this.held << 8) | byte;
      this.count += 8;
    }
    this.count -= wanted;
    return (this.held >>> this.count) & ((1 << wanted) - 1);
  }

  left(): number {
    return this.bytes.length - this.at;
  }

  /** The same place, to come back to. */
  copy(): ForwardBits {
    const bits = new ForwardBits(this.bytes);
    bits.at = this.at;
    bits.held = this.held;
    bits.count = this.count;
    return bits;
  }

  /** Goes on in what follows. */
  followedBy(more: Uint8Array): ForwardBits {
    const rest = this.rest();
    const bits = new ForwardBits(rest.length === 0 ? more : Buffer.concat([rest, more]));
    bits.held = this.held;
    bits.count = this.count;
    return bits;
  }

  /** Whole bytes that nobody has read. */
  rest(): Uint8Array {
    return this.bytes.subarray(this.at);
  }
}
