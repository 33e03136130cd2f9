/** The running kernel: uname(1), /proc/version. */
import type { Facts, KernelIdentity } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { isBlank, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { bareKernel, isRelease, type KernelWords, readByOptions, readProcVersion, readUname } from './uname-words.js';

const fileName = /^uname(?:[-_].*)?(?:\.(?:txt|md|log))?$/i;

export const unameFormat: Format = {
  id: 'uname',
  title: 'kernel version',
  commands: [/^(?:\S*\/)?uname\b/, /^(?:cat|more|less)\s+\/proc\/version\s*$/],
  fileNames: [fileName],
  line: (text) => (readUname(text) !== null || readProcVersion(text) !== null ? 'opens' : null),
  whole: (text, path) => (isRelease(text.trim()) && fileName.test(path.slice(path.lastIndexOf('/') + 1)) ? 0.95 : 0),
  parse,
};

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: KernelIdentity[] = [];
  for (const line of reading.lines) {
    if (isBlank(line.text)) continue;
    const words = readWords(line.text, section.command);
    if (words !== null) {
      rows.push({ span: lineSpan(section, line), ...words });
      claim(reading, line, 'modelled');
    } else takeFailure(reading, line);
  }
  return closeReading(reading, rows.length === 0 ? [] : [{ kind: 'kernel', rows, complete: true }]);
}

function readWords(text: string, command: string | null): KernelWords | null {
  const known = readUname(text) ?? readProcVersion(text);
  if (known !== null) return known;
  if (command !== null && /^(?:\S*\/)?uname\b/.test(command)) return readByOptions(text, command);
  const word = text.trim();
  return isRelease(word) ? { ...bareKernel, release: word } : null;
}
