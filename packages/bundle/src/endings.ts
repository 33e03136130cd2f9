/** What names of files say about how they are packed. Only names are judged here: what a file is, its bytes tell. */

const archive = /(?:\.tar(?:\.(?:gz|xz|zstd?|bz2))?|\.t(?:gz|xz|zst|bz2?)|\.zip)$/i;
const packed = /\.(?:gz|xz|zstd?|bz2)$/i;

export function withoutArchiveEnding(name: string): string {
  return name.replace(archive, '');
}

export function withoutPackedEnding(name: string): string {
  return name.replace(packed, '');
}
