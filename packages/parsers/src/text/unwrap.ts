/** Texts within texts whose lines are not the file's: messages of a chat's or tracker's export in JSON, outputs in Ansible's results, web pages without line ends, saved mail. Each becomes a file of its own that says where it is from. */
import { mailText } from './mail.js';
import { outputsInJson, outputsInPlay } from './outputs-in-json.js';

/** Name and text; null: the text is what it shows. */
export function unwrapped(name: string, text: string): readonly [string, string] | null {
  if (text.length > longest) return null;
  const whole = isJsonOpening.test(text) ? wholeOf(text) : undefined;
  const outputs = whole === undefined ? outputsInPlay(text) : outputsInJson(whole);
  if (outputs !== null) return [`${name} (outputs)`, outputs];
  const messages = whole === undefined ? null : messagesIn(whole);
  if (messages !== null) return [`${name} (messages)`, messages];
  const mail = mailText(text);
  const lines = brokenLines(mail ?? text) ?? mail;
  return lines === null ? null : [`${name} (text)`, lines];
}

const longest = 20_000_000;
const isJsonOpening = /^\s*[[{]\s*["{[]/;

/** How exports call what somebody wrote. */
const said = new Set(['text', 'body', 'message', 'content', 'description', 'comment']);

/** undefined: it is no JSON, or none with texts of several lines. */
function wholeOf(text: string): unknown {
  if (!text.includes('\\n') || /"(?:apiVersion|nftables)"\s*:/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messagesIn(whole: unknown): string | null {
  const found = saidIn(whole);
  return found.some((one) => one.split('\n', 4).length > 3) ? `${found.join('\n\n')}\n` : null;
}

/** In the order in which they stand; what nests deep is no export. */
function saidIn(whole: unknown): readonly string[] {
  const found = new Set<string>();
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 12) return;
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === 'string' && said.has(key)) found.add(inner);
      else visit(inner, depth + 1);
    }
  };
  visit(whole, 0);
  return [...found];
}

/** A page's lines end in tags; where line ends stand behind them, the file's own lines will do. */
const manyBreaks = /^[^\n]*(?:<br ?\/?>[^\n]+){3}/im;

/** null: it is no page, or has lines of its own. */
function brokenLines(text: string): string | null {
  if (!(text.includes('<br') || text.includes('<BR')) || !manyBreaks.test(text)) return null;
  return text
    .replace(/<br ?\/?>\n?|<\/(?:p|div|pre|li|tr|h\d)>\n?/gi, '\n')
    .replace(/<\/?(?:p|div|pre|code|span|li|ul|ol|b|i|em|strong|a|tt|html|body)(?: [^<>\n]{0,300})?>/gi, '');
}
