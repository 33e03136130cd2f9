/** Output that stands on the prompt's own line, because a line feed was lost: `# ipset list Name: x`, `# iptables -S -P INPUT ACCEPT`. */
import type { Format } from '../format.js';
import { readCommands } from './command.js';

/** Commands that only print, as far as they can stand before their own output. */
const reader =
  /^(?:(?:sudo|\/\S*\/)\s*)?(?:ip6?tables(?:-legacy|-nft)?(?:-save)?|ipset|ip|bridge|sysctl|date|uname|conntrack|ipvsadm|hostnamectl|ss|netstat|route|arp)\b/;
const changing =
  /\s(?:add|del|delete|replace|change|append|set|flush|get|-w|-A|-I|-D|-N|-X|-F|-R|--append|--insert)(?=\s|$)/;

const longestCommand = 160;

/** Offset in the typed text where output begins, or null when all of it is the command. */
export function outputOnPromptLine(typed: string, formats: readonly Format[]): number | null {
  if (!reader.test(typed)) return null;
  const rules = rulesBehind(typed);
  if (rules !== null) return rules;
  for (let blank = typed.indexOf(' '); blank > 0 && blank < longestCommand; blank = typed.indexOf(' ', blank + 1)) {
    const head = typed.slice(0, blank);
    const rest = typed.slice(blank + 1);
    if (changing.test(`${head} `)) return null;
    const bare = readCommands(head)[0]?.bare ?? head;
    const opens = formats.some(
      (format) => format.commands.some((pattern) => pattern.test(bare)) && format.line(rest) === 'opens',
    );
    if (opens && rest.length > 8) return blank + 1;
  }
  return null;
}

/** `iptables -t nat -S POSTROUTING -P POSTROUTING ACCEPT -A …`: what follows the chain is what `-S` printed. */
function rulesBehind(typed: string): number | null {
  // grep's own -A takes a number.
  const saved = /^(?:\S+\s)?\S*ip6?tables\S*-save\b[^#*]{0,200}?\s(?=-A [A-Za-z][\w-]{2,28} (?:! )?-)/.exec(
    typed.slice(0, 400),
  );
  if (saved !== null) return saved[0].length;
  const found = /\s(?:-S|--list-rules)(?:\s+[A-Za-z][\w.:-]{0,30})?(?:\s+\d+)?\s+(?=-[PNA]\s)/.exec(
    typed.slice(0, 400),
  );
  return found === null ? null : found.index + found[0].length;
}
