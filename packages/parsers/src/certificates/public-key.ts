/** Public keys as `openssl pkey -pubout` and `openssl x509 -pubkey` print them, each below the name of its file where `find -print` gave it. */
import type { KeyHalf } from '@coldtrace/core';
import type { Format } from '../format.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { fileShown, nameOnLine } from './file-name.js';
import { publicKeyOf } from './key-half.js';

const begin = /^-----BEGIN (?:RSA )?PUBLIC KEY-----\s*$/;
const end = /^-----END (?:RSA )?PUBLIC KEY-----\s*$/;
const longestBlock = 200;

export const publicKeyFormat: Format = {
  id: 'public-key',
  title: 'public keys (PEM)',
  commands: [/^(?:\S*\/)?openssl\s+(?:pkey|ec|rsa)\b.*\s-pubout\b/],
  fileNames: [/^public-keys\.txt$/, /\.pub$/],
  line: (text) =>
    begin.test(text) ? 'opens' : end.test(text) || /^[A-Za-z0-9+/]{40,76}={0,2}$/.test(text) ? 'continues' : null,
  extent: (text, start) => {
    const at = text.indexOf('-----END ', start);
    const feed = at < 0 || at - start > 12_000 ? -1 : text.indexOf('\n', at);
    return at < 0 || at - start > 12_000 ? null : feed < 0 ? text.length : feed + 1;
  },
  whole: (text, path) =>
    /(?:^|\/)public-keys\.txt$/.test(path) && text.includes('-----BEGIN PUBLIC KEY-----') ? 0.9 : 0,
  parse: (section) => {
    const reading = openReading(section);
    const rows: KeyHalf[] = [];
    let path = fileShown(section);
    for (let at = 0; at < reading.lines.length; at++) {
      const line = reading.lines[at];
      if (line === undefined) break;
      const name = nameOnLine(line.text.trimEnd());
      if (name !== null) {
        path = name;
        claim(reading, line, 'inert');
        continue;
      }
      if (!begin.test(line.text)) {
        takeFailure(reading, line);
        continue;
      }
      let last = at + 1;
      while (last < reading.lines.length && last - at < longestBlock && !end.test(reading.lines[last]?.text ?? ''))
        last++;
      const block = reading.lines.slice(at, last + 1);
      const publicKey = publicKeyOf(
        block
          .slice(1, -1)
          .map(({ text }) => text.trim())
          .join('\n'),
      );
      if (publicKey === null) continue;
      for (const one of block) claim(reading, one, 'modelled');
      rows.push({
        path,
        publicKey,
        span: { file: section.file.id, start: line.start, end: block.at(-1)?.end ?? line.end },
      });
      at = last;
    }
    return closeReading(reading, [{ kind: 'keys', rows, complete: false }]);
  },
};
