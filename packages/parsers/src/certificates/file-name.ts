/** Which file a certificate came from: the command that printed it, the line above it (`find -print -exec`), or the path of the capture. */
import { fileOfSection, type Section } from '../format.js';

const ending = '(?:crt|pem|cer|cert|key|pub)';
/** A line with nothing but a path, and what scripts put around it. */
const aloneOnLine = new RegExp(
  `^[\\s#=*>+~-]{0,12}(?:(?:file|cert|certificate|\u6587\u4ef6|datei)\\s?[:=\uff1a]\\s?)?["']?([\\w./@+-]{0,300}\\.${ending})["']?[\\s#:=*<~-]{0,12}$`,
  'i',
);

/** The path that stands alone on a line; null for any other line. */
export function nameOnLine(line: string): string | null {
  return line.length > 360 ? null : (aloneOnLine.exec(line)?.[1] ?? null);
}

/** The file that the section shows as a whole; null when nothing tells. */
export function fileShown(section: Section): string | null {
  const { command } = section;
  if (command !== null) {
    const given = /(?:\s-in[= ]\s?|\s<\s?|\bcat\s)["']?([^\s"'|;$]+)["']?(?:\s|$|;|\|)/.exec(
      `${command.slice(0, 2000)} `,
    )?.[1];
    return given ?? lineAbove(section);
  }
  const path = fileOfSection(section);
  const bare = path?.slice(path.lastIndexOf('/') + 1) ?? '';
  return new RegExp(`\\.${ending}$`, 'i').test(bare) ? path : lineAbove(section);
}

/** The name on the last line before the section that is not blank. */
function lineAbove({ file, start }: Section): string | null {
  const above = file.text.slice(Math.max(0, start - 400), start).trimEnd();
  return above === '' ? null : nameOnLine(above.slice(above.lastIndexOf('\n') + 1));
}
