/** Damage of pasted text that can be mended word by word, before anybody knows what the words mean. */
import type { Words } from '../words.js';

export function repairWords(words: Words): Words {
  return words;
}
