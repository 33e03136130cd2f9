/**
 * The formats of links and addresses. Both read the same text; the verdicts keep them apart: a header with `mode …` is of `ip link`,
 * one without is of `ip addr` (iproute2 ip/ipaddress.c prints the mode only when asked for links), and the lines both have continue either.
 */

import { parseCidrAddress } from '@coldtrace/core';
import type { Format, LineVerdict } from '../../format.js';
import { commandPattern } from '../command.js';
import { firstWords, isIndented } from '../verdict.js';
import { isNumbers } from './counters.js';
import { isKind, isSlaveKind } from './details.js';
import { indexOf } from './header.js';
import { parseLinks } from './parse.js';
import { isOperState, openingOf } from './stanza.js';

type Who = 'addr' | 'link';

function verdict(text: string, who: Who): LineVerdict {
  // Asked for every line of unknown text: two words decide nearly always.
  const [first, second] = firstWords(text, 2);
  if (first === undefined) return null;
  const code = first.charCodeAt(0);
  if (code >= 48 && code <= 57 && indexOf(first) !== null) return headerVerdict(firstWords(text, 40), who);
  if (isOperState(second)) return briefVerdict(firstWords(text, 40), who);
  return furtherVerdict(text, first, second ?? '', who);
}

const bridgeStates = new Set(['disabled', 'listening', 'learning', 'forwarding', 'blocking']);

function headerVerdict(words: readonly string[], who: Who): LineVerdict {
  const opening = openingOf(words.map((text) => ({ text })));
  if (opening === 'oneline-address') return who === 'addr' ? 'opens' : null;
  if (opening !== 'header') return null;
  // `bridge link` prints the state of the port in the place of that of the device.
  if (bridgeStates.has(words[words.indexOf('state') + 1] ?? '')) return null;
  const mine = words.includes('mode') ? 'link' : 'addr';
  return mine === who ? 'opens' : 'continues';
}

const shared = new Set(['altname', 'alias', 'prog/xdp']);
const addressStarts = new Set(['inet', 'inet6']);

function furtherVerdict(text: string, first: string, second: string, who: Who): LineVerdict {
  if (first.startsWith('link/')) return 'continues';
  if (addressStarts.has(first)) {
    const fits =
      who === 'addr' && /[.:]/.test(second) && (second.includes('/') || firstWords(text, 40).includes('scope'));
    return fits ? 'continues' : null;
  }
  if (first === 'valid_lft') return who === 'addr' ? 'continues' : null;
  if (first === 'RX:' || first === 'TX:') return second === 'bytes' ? 'continues' : null;
  if ((first === 'RX' || first === 'TX') && second === 'errors:') return 'continues';
  if (!isIndented(text)) return null;
  if (shared.has(first)) return 'continues';
  if (first === 'vf' && /^\d+$/.test(second)) return 'continues';
  if (isSlaveKind(first) || (isKind(first) && second === '')) return 'continues';
  const code = first.charCodeAt(0);
  if (code >= 48 && code <= 57) return isNumbers(firstWords(text, 40)) ? 'continues' : null;
  return isKind(first) && firstWords(text, 3).length > 2 ? 'continues' : null;
}

function briefVerdict(words: readonly string[], who: Who): LineVerdict {
  if (openingOf(words.map((text) => ({ text }))) !== 'brief') return null;
  if (words.length === 2) return 'continues';
  const mine: Who = words.at(-1)?.startsWith('<') ? 'link' : 'addr';
  if (mine === 'addr' && parseCidrAddress(words[2] ?? '') === null) return null;
  return mine === who ? 'opens' : null;
}

export const ipAddr: Format = {
  id: 'ip-addr',
  title: 'addresses and links (ip addr)',
  commands: [commandPattern('ip', 'address', 1)],
  fileNames: [/^ip[46]?[-_ .](?:-?(?:[46dso]|br)[-_ ])*(?:a|addr|address|addresses)(?:\.|[-_]|$)/i],
  line: (text) => verdict(text, 'addr'),
  parse: parseLinks,
};

export const ipLink: Format = {
  id: 'ip-link',
  title: 'links (ip link)',
  commands: [commandPattern('ip', 'link', 1)],
  fileNames: [/^ip[46]?[-_ .](?:-?(?:[46dso]|br)[-_ ])*links?(?:\.|[-_]|$)/i],
  line: (text) => verdict(text, 'link'),
  parse: parseLinks,
};
