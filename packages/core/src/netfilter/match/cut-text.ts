/** Text that the tools cut at the end of the kernel's buffer without a word. iptables: libxtables/xtoptions.c `xtopt_parse_string`. */
import { type Choose, type Refusal, refuse, type ValueType } from '../extension.js';
import { utf8Length, word } from '../value.js';

/** At most `longest` bytes of UTF-8. A cut through a character would leave no text, and is refused. */
export function cutText(name: string, longest: number, sample: (choose: Choose) => string): ValueType<string> {
  return word(
    name,
    (value): string | Refusal => {
      if (utf8Length(value) <= longest) return value;
      const kept = cutAt(value, longest);
      return utf8Length(kept) === longest ? kept : refuse(`a character of "${value}" does not fit ${longest} bytes`);
    },
    sample,
  );
}

function cutAt(value: string, longest: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of value) {
    bytes += utf8Length(character);
    if (bytes > longest) break;
    kept += character;
  }
  return kept;
}
