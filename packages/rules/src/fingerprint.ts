/** Stable names of findings: 64 bits of FNV-1a over rule, node and subject, in hexadecimal. http://www.isthe.com/chongo/tech/comp/fnv/ */
const prime = 0x100000001b3n;
const offset = 0xcbf29ce484222325n;
const mask = 0xffffffffffffffffn;

export function fingerprintOf(rule: string, node: string | null, subject: string): string {
  let hash = offset;
  for (const unit of `${rule}\0${node ?? ''}\0${subject}`) {
    hash = ((hash ^ BigInt(unit.codePointAt(0) ?? 0)) * prime) & mask;
  }
  return hash.toString(16).padStart(16, '0');
}
