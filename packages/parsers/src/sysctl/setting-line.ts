/** One line of `sysctl`, of a configuration file (sysctl.conf(5)), or of `grep` in /proc/sys. */
import { canonicalKey, isKey } from './key.js';

export interface Setting {
  readonly key: string;
  readonly value: string;
  /** Only configuration files have it: `-key=value` ignores errors, and no blanks around `=`. */
  readonly configuration: boolean;
}

/** How nearly all lines of a dump look: nothing about them is in question. */
const plain = /^((?:fs|kernel|net|vm)\.[a-z0-9_-][\w.-]{0,380}) = (-?\d+(?:[\t ]-?\d+)*)$/;

/** Asked before a line is read, where only the number of such lines counts. */
export function isPlainSetting(line: string): boolean {
  return plain.test(line);
}

/** Reads `key = value`, `key=value`, `-key = value` or `/proc/sys/path:value`; null for anything else. */
export function readSetting(line: string, isName: (text: string) => boolean = isKey): Setting | null {
  const found = plain.exec(line);
  if (found !== null) return { key: canonicalKey(found[1] ?? ''), value: found[2] ?? '', configuration: false };
  const text = line.trimStart();
  const equals = text.indexOf('=');
  const written = text.slice(0, Math.max(equals, 0)).trimEnd();
  const ignoresErrors = written.startsWith('-');
  const name = ignoresErrors ? written.slice(1).trimStart() : written;
  if (isName(name)) {
    const spaced = text.startsWith(' =', written.length);
    const value = spaced && text.startsWith('= ', equals) ? text.slice(equals + 2) : text.slice(equals + 1).trim();
    return { key: canonicalKey(name), value: tidy(value), configuration: ignoresErrors || !spaced };
  }
  // `grep . FILES` puts a colon after the name, `echo $file $(cat $file)` a blank.
  const grepped = text.startsWith('/proc/sys/') ? 10 + text.slice(10, 400).search(/[:\s]/) : 9;
  if (grepped < 10 || !isKey(text.slice(0, grepped))) return null;
  return {
    key: canonicalKey(text.slice(0, grepped)),
    value: tidy(text.slice(grepped + 1).trimStart()),
    configuration: false,
  };
}

/** Some parameters end in a blank of their own, and that is kept; a number never does. */
function tidy(value: string): string {
  const trimmed = value.trimEnd();
  return /^[-\d\s]*$/.test(trimmed) ? trimmed : value;
}
