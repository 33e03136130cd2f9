/** The node's name: hostname(1), hostnamectl(1), the file hostname(5). */
import type { Facts, KernelIdentity, NamedText } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { bareKernel } from './uname-words.js';

const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;
const fileName = /^hostname(?:[-_]?f(?:qdn)?)?(?:\.(?:txt|md|log))?$/i;
const control =
  /^ *(?:Static hostname|Transient hostname|Pretty hostname|Icon name|Chassis|Deployment|Location|Machine ID|Boot ID|Virtualization|Operating System|CPE OS Name|Kernel|Architecture|Hardware (?:Vendor|Model|Serial)|Firmware (?:Version|Date|Age)|OS Support (?:End|Expired|Remaining)): /;
const staticName = /^ *Static hostname: (\S+)\s*$/;
const kernelLine = /^ *Kernel: (Linux) (\S+)\s*$/;

export const hostnameFormat: Format = {
  id: 'hostname',
  title: 'name of the node',
  commands: [
    /^(?:\S*\/)?hostname(?:\s+(?:-[fs]|--fqdn|--long|--short))*\s*$/,
    /^(?:\S*\/)?hostnamectl\b/,
    /^(?:cat|more|less)\s+\/etc\/hostname\s*$/,
    /^(?:cat|more|less)\s+\/proc\/sys\/kernel\/hostname\s*$/,
  ],
  fileNames: [fileName],
  line: judge,
  whole: (text, path) => {
    const last = path.slice(path.lastIndexOf('/') + 1);
    return text.length < 1000 && fileName.test(last) && name.test(withoutComments(text)) ? 0.9 : 0;
  },
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 300 || !control.test(text)) return null;
  return staticName.test(text) ? 'opens' : 'continues';
}

function withoutComments(text: string): string {
  const kept = text.split('\n').filter((line) => !line.startsWith('#'));
  return kept.join('\n').trim();
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const names: NamedText[] = [];
  const kernels: KernelIdentity[] = [];
  const controlled = reading.lines.some((line) => judge(line.text) !== null);
  for (const line of reading.lines) {
    if (isBlank(line.text)) continue;
    if (controlled) readControl(reading, line, names, kernels);
    else readName(reading, line, names);
  }
  const facts: Facts[] = [];
  if (names.length > 0) facts.push({ kind: 'hostname', rows: names, complete: true });
  if (kernels.length > 0) facts.push({ kind: 'kernel', rows: kernels, complete: true });
  return closeReading(reading, facts);
}

function readName(reading: Reading, line: Line, names: NamedText[]): void {
  const text = line.text.trim();
  if (text.startsWith('#')) claim(reading, line, 'inert');
  else if (name.test(text)) {
    names.push({ span: lineSpan(reading.section, line), text });
    claim(reading, line, 'modelled');
  } else takeFailure(reading, line);
}

function readControl(reading: Reading, line: Line, names: NamedText[], kernels: KernelIdentity[]): void {
  const span = lineSpan(reading.section, line);
  const text = staticName.exec(line.text.slice(0, 400))?.[1];
  const release = kernelLine.exec(line.text.slice(0, 400))?.[2];
  if (text !== undefined && name.test(text)) names.push({ span, text });
  if (release !== undefined) kernels.push({ ...bareKernel, span, sysname: 'Linux', release });
  if (text !== undefined || release !== undefined) claim(reading, line, 'modelled');
  else if (judge(line.text) !== null) claim(reading, line, 'inert');
  else takeFailure(reading, line);
}
