/** What stands for a value instead of being one: shell variables, `<pod-cidr>`, `x.x.x.x`, `…`. bash(1); the habits of manuals and tickets. */

const whole: readonly RegExp[] = [
  /^x{2,}$/i,
  /^(?:\.{2,}|…+)$/,
  // `KUBE-SVC-XXXX`
  /[-_](?:X{3,}|x{3,})$/,
  /^\[[A-Za-z][\w .-]{0,60}\]?$/,
];

const inside = /\$[A-Za-z_{(*@\d]|\$$|<[A-Za-z][^<>]{0,80}(?:>|$)|\{\{|`|…/;
const address = /^!?[\dxX*.]+(?:\/[\dxX]+)?(?::[\w-]+)?$/;
const address6 = /^!?[0-9a-fxA-FX:]+(?:\/[\dxX]+)?$/;
const spelled =
  /^(?:[A-Z]{2,}(?:_[A-Z]+)+|(?:your|my|the|node|pod|svc|service|cluster|host|source|src|dst|dest|client|server)[-_]?(?:ip|ips|cidr|addr|address|net|network|subnet|range)s?)$/i;

/** Options that take an address: there a word such as `NODE_IP` can be nothing else. */
const takesAddress =
  /^(?:-s|-d|--src|--dst|--source|--destination|--to-source|--to-destination|--to|--ctorigdst|--ctorigsrc)$/i;
const takesText = /comment$|prefix$|string$/i;

/** Indexes of the words that are placeholders; text for people (`--comment`) may say anything. */
export function placeholdersIn(words: readonly string[]): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < words.length; at++) {
    const before = words[at - 1] ?? '';
    if (takesText.test(before) && before.startsWith('-')) continue;
    if (isPlaceholder(words[at] ?? '', before === '!' ? (words[at - 2] ?? '') : before)) found.push(at);
  }
  return found;
}

function isPlaceholder(word: string, before: string): boolean {
  if (word.length > 200) return false;
  if (inside.test(word) || whole.some((pattern) => pattern.test(word))) return true;
  if (word.includes('.') && /[xX*]/.test(word) && address.test(word)) return true;
  if (/x{2}/i.test(word) && word.includes(':') && address6.test(word)) return true;
  return takesAddress.test(before) && spelled.test(word);
}
