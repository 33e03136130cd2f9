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
import { openingOf } from './stanza.js';

type Who = 'addr' | 'link';

function verdict(text: string, who: Who): LineVerdict {
  const words = firstWords(text, 40);
  const first = words[0];
  if (first === undefined) return null;
  const code = first.charCodeAt(0);
  if (code >= 48 && code <= 57 && indexOf(first) !== null) return headerVerdict(words, who);
  const own = furtherVerdict(words, first, who, isIndented(text));
  return own ?? briefVerdict(words, who);
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

function furtherVerdict(words: readonly string[], first: string, who: Who, indented: boolean): LineVerdict {
  if (first.startsWith('link/')) return 'continues';
  const second = words[1] ?? '';
  if (addressStarts.has(first)) {
    const fits = who === 'addr' && (words.includes('scope') || second.includes('/')) && /[.:]/.test(second);
    return fits ? 'continues' : null;
  }
  if (first === 'valid_lft') return who === 'addr' ? 'continues' : null;
  if (first === 'RX:' || first === 'TX:') return second === 'bytes' ? 'continues' : null;
  if ((first === 'RX' || first === 'TX') && second === 'errors:') return 'continues';
  if (!indented) return null;
  if (shared.has(first) || isNumbers(words)) return 'continues';
  if (first === 'vf' && /^\d+$/.test(second)) return 'continues';
  return isSlaveKind(first) ||
    (isKind(first) && (words.length === 1 || words.includes('numtxqueues') || words.length > 2))
    ? 'continues'
    : null;
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
