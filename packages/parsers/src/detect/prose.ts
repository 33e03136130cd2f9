/** Whether a line is natural language, in any script: what people write between the outputs they paste. */
import { wordSet } from '../text/word-set.js';

/** Letters of scripts that no tool prints: Greek, Cyrillic, Hebrew, Arabic, Indic, Thai, kana, Han, Hangul, full-width forms; and what was lost of any. */
const foreignLetter =
  /[\u0370-\u03ff\u0400-\u052f\u0590-\u06ff\u0900-\u0eff\u3001-\u30ff\u3400-\u9fff\uac00-\ud7af\uff01-\uff60\ufffd]/g;

const plainWord =
  /^[("'“„«‘*_]{0,3}[A-Za-z\u00c0-\u024f]+(?:['’/-][A-Za-z\u00c0-\u024f]+){0,4}[)"'”“»’*_]{0,3}[.,;:!?…]{0,3}$/;

/** Small words of the languages that tickets are written in; no tool prints two of them in a line of data. */
const smallWords = wordSet(`
  the a an is are was were be it i we you my our this that these there and or but not of in on to for
  with from after before when then so if can cannot does do did has have had what why how here any
  please thanks hi der die das und ist nicht ich wir ein eine auf mit von zu dem den es im aber auch
  nach wie hier sind le la les un une et est pas que qui sur el los las una y no en con por para o e
  um uma os não il di che gli della sono è per del sul ma
  het een op niet maar voor zijn dat deze nie jest się że na w z do ale jak są mam
  je se že jsem není ale och att är på inte og ikke det en som
  obrigado obrigada gracias merci danke grazie dziękuję tack takk bedankt thx teşekkürler
  ve bir bu için ile var yok değil ama şu çok
`);

/** Whether a line is in a script that no tool prints. */
export function isForeign(line: string): boolean {
  const foreign = line.slice(0, 400).match(foreignLetter);
  return foreign !== null && foreign.length >= 2;
}

/** Judged by the beginning of the line; linear. */
export function isProse(line: string): boolean {
  if (isForeign(line)) return true;
  const text = line.slice(0, 400);
  const words = text
    .trim()
    .replace(/^(?:#{1,6}|[-*+•]|\d{1,2}[.)]) +/, '')
    .split(/\s+/);
  if (words[0] === '') return false;
  const plain = words.filter((word) => plainWord.test(word));
  // Neither of the ways to be prose below is open to a line with fewer.
  if (words.length > 3 && plain.length * 2 < words.length) return false;
  const small = plain.filter((word) => smallWords.has(word.replace(/[^A-Za-z\u00c0-\u024f]/g, '').toLowerCase()));
  const ends = /[.,:;!?…]["')”]?$/.test(text.trimEnd());
  if (words.length <= 3) return plain.length === words.length && (ends || small.length > 0) && !/^\s*["'{[]/.test(text);
  if (small.length >= 2) return plain.length * 2 >= words.length;
  const capital = /^["'(“„«*]{0,2}[A-Z\u00c0-\u00de]/.test(words[0] ?? '');
  return plain.length * 5 >= words.length * 3 && (ends || small.length > 0) && (capital || small.length > 0);
}

/** script(1) about itself. */
const recorded = /^Script (?:started|done)(?:,| on)\b/;

/** Who wrote and when, as chats are copied: `Li Wei  1:30 PM`, `[14/11/2023 13:30] Li Wei`. */
const said =
  /^(?:\[?\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? \d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?\]?,? \p{L}[\p{L} .'-]{1,40}:?|\p{L}[\p{L} .'-]{1,40}?,? {1,2}(?:APP )?\[?(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? )?\d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?\]?)\s*$/iu;

/** Rules, boxes and bullets without a word, the end of a here-document, a key that ended a command, the frame of what was secret: they say nothing. */
export function isDecoration(line: string): boolean {
  if (/^\s{0,40}-----(?:BEGIN|END) (?:[A-Z]{1,12} ){0,3}PRIVATE KEY-----\s*$/.test(line)) return true;
  if (/^(?:EOF|EOT|\^C|\^D|\^Z)\s*$/.test(line)) return true;
  if (line.length < 300 && (recorded.test(line) || said.test(line) || /^\[(?:source|listing)[,\w]*\]$/.test(line)))
    return true;
  return line.length <= 2000 && /^[\s=\-_*#~.+|^:<>/\\•·—–─━═│┌┐└┘├┤❯╰╭`'"]+$/.test(line);
}
