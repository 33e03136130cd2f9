/** The first line of a link: `2: eth0@if7: <FLAGS> mtu …` (iproute2 ip/ipaddress.c print_linkinfo). */
import { parseDecimal } from '@coldtrace/core';
import type { Word } from '../../text/words.js';
import { cursorOf, next, numberValue, textValue, valueWord } from '../cursor.js';
import type { LinkDraft } from './draft.js';
import { nsidText } from './hardware.js';

/** Index before `:`, or null. */
export function indexOf(word: string | undefined): number | null {
  if (word === undefined || !word.endsWith(':')) return null;
  return parseDecimal(word, 0x7fffffff, 0, word.length - 1);
}

/** `eth0@if7`: name and what it hangs on. `@NONE` is no device. */
export function readName(draft: LinkDraft, text: string): void {
  const at = text.lastIndexOf('@');
  if (at <= 0) {
    draft.name = text;
    return;
  }
  draft.name = text.slice(0, at);
  setPeer(draft, text.slice(at + 1));
}

/** `if7` is an index in another namespace: the name is not known here. */
function setPeer(draft: LinkDraft, peer: string): void {
  if (peer === 'NONE') return;
  draft.peer = peer;
  draft.peerIfindex = peer.startsWith('if') ? parseDecimal(peer, 0x7fffffff, 2) : null;
}

export function readFlags(text: string): string[] | null {
  if (!text.startsWith('<') || !text.endsWith('>')) return null;
  return text.length === 2 ? [] : text.slice(1, -1).split(',');
}

/** Words that follow the flags, without a bearing here. */
const inertPairs = new Set(['qlen', 'vrf', 'numtxqueues', 'numrxqueues', 'txqueuelen']);
const inertWords = new Set([
  '[NONE]',
  'xdp',
  'xdpgeneric',
  'xdpdrv',
  'xdpoffload',
  'xdpmulti',
  'DELETED',
  'Deleted',
  'protodown',
]);

/** Words from `<FLAGS>` on. */
export function readHeaderRest(draft: LinkDraft, words: readonly Word[], from: number): void {
  const cursor = cursorOf(words, from);
  draft.cursors.push(cursor);
  for (let word = next(cursor); word !== null; word = next(cursor)) {
    switch (word.text) {
      case 'mtu':
        draft.mtu = numberValue(cursor);
        break;
      case 'qdisc':
        draft.qdisc = textValue(cursor);
        break;
      case 'master':
        draft.master = textValue(cursor);
        break;
      case 'state':
        draft.state = textValue(cursor);
        break;
      case 'group':
        draft.group = textValue(cursor);
        break;
      case 'link-netns':
        draft.peerNetns = textValue(cursor);
        break;
      case 'link-netnsid':
        draft.peerNetns = nsidText(textValue(cursor));
        break;
      case 'mode':
        draft.mode = true;
        valueWord(cursor);
        break;
      default:
        if (inertPairs.has(word.text)) valueWord(cursor);
        else if (!inertWords.has(word.text) && !/^xdp\w*\/id:\d+$/.test(word.text)) cursor.unknown.push(word);
    }
  }
}
