/** What is used of yauzl, which comes without types. */
declare module 'yauzl' {
  export interface Entry {
    readonly versionMadeBy: number;
    readonly generalPurposeBitFlag: number;
    readonly compressionMethod: number;
    readonly crc32: number;
    readonly compressedSize: number;
    readonly uncompressedSize: number;
    readonly externalFileAttributes: number;
    readonly relativeOffsetOfLocalHeader: number;
    readonly fileNameRaw: Uint8Array;
    readonly extraFields: readonly { readonly id: number; readonly data: Buffer }[];
    getLastModDate(options: { readonly timezone: 'UTC' }): Date;
    isEncrypted(): boolean;
  }
  export interface ZipFile {
    readonly entryCount: number;
    /** Behind the last entry, when all are read. */
    readonly readEntryCursor: number;
    eachEntry(): AsyncIterable<Entry>;
    readLocalFileHeaderPromise(
      entry: Entry,
      options: { readonly minimal: true },
    ): Promise<{ readonly fileDataStart: number }>;
  }
  const yauzl: {
    fromBufferPromise(
      bytes: Buffer,
      options: { readonly decodeStrings: false; readonly validateEntrySizes: false },
    ): Promise<ZipFile>;
  };
  export default yauzl;
}
