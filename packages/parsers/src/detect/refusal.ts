/** A tool that refused how it was called and printed its usage: one message (getopt_long(3), BusyBox libbb/appletlib.c), none of whose lines is output. */
import type { Format } from '../format.js';
import { isBlank } from '../text/lines.js';
import { isPromptLine } from '../transcript/prompt-line.js';

/** In the languages of glibc's po files that machines are often set to. */
const refused =
  /^(?:\S{0,60}\/)?[\w.-]{1,40}: (?:(?:invalid option|无效选项|不适用的选项|ungültige Option|option invalide|opción inválida|неверный ключ) -- |unrecognized option|unknown option|option requires an argument|invalid argument '.{0,80}' to ')/;
const busybox = /^BusyBox v\S{1,80} .{0,80}multi-call binary\.?\s*$/;
const further = /^(?:BusyBox v|usage: |usage$|try [`'"‘-]|see ['`"‘])/i;

const longest = 150;

/** Whether a line begins such a message. */
export function isRefusal(line: string): boolean {
  return line.length < 400 && (refused.test(line) || busybox.test(line));
}

/** Where the message that begins with the line before an offset ends. */
export function endOfRefusal(text: string, begin: number, formats: readonly Format[]): number {
  let end = begin;
  let inUsage = false;
  let at = begin;
  for (let count = 0; count < longest && at < text.length; count++) {
    const feed = text.indexOf('\n', at);
    const next = feed < 0 ? text.length : feed + 1;
    const line = text.slice(at, Math.min(next, at + 600)).trimEnd();
    at = next;
    if (isBlank(line)) continue;
    if (line.startsWith('```') || isPromptLine(line)) break;
    if (further.test(line)) inUsage ||= /^usage/i.test(line);
    else if (!inUsage || !isOfUsage(line, formats)) break;
    end = next;
  }
  return end;
}

/** Options, alternatives, and sentences about them; nothing that an output of a tool begins with. */
function isOfUsage(line: string, formats: readonly Format[]): boolean {
  if (/^\s|[|{}]|:=|\[[A-Z-]/.test(line)) return true;
  return !/\d/.test(line) && line.length < 120 && !formats.some((format) => format.line(line) === 'opens');
}
