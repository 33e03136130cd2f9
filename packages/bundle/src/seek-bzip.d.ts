/** What is used of seek-bzip, which comes without types. */
declare module 'seek-bzip' {
  export interface Input {
    readByte(): number;
    read(into: Uint8Array, at: number, count: number): number;
    seek(at: number): void;
  }
  export interface Output {
    writeByte(byte: number): void;
  }
  const Bunzip: {
    /** Unpacks the block that begins at a bit; throws with an `errorCode` where it is damaged. */
    decodeBlock(input: Input, bit: number, output: Output): void;
    readonly Err: { readonly OBSOLETE_INPUT: number };
  };
  export default Bunzip;
}
