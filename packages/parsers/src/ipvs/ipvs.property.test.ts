/** Round trips and hostile text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileTexts, slowLines } from '../testing.js';
import { ipvsFormat } from './ipvs.js';
import { printIpvsSave } from './print.js';
import { read } from './testing.js';

describe('any text at all', () => {
  const address = fc.oneof(
    fc.ipV4().map((ip) => ip),
    fc.constantFrom('[fd00::1]', '[fd00:96::a]', '[::1]'),
  );
  const server = fc.record({
    at: address,
    port: fc.nat(65535),
    how: fc.constantFrom('-m', '-g', '-i'),
    w: fc.nat(65535),
  });
  const service = fc.record({
    option: fc.constantFrom('-t', '-u', '--sctp-service'),
    at: address,
    port: fc.nat(65535),
    scheduler: fc.constantFrom('rr', 'wrr', 'lc', 'wlc', 'sh', 'mh'),
    persistent: fc.option(fc.integer({ min: 1, max: 100_000 })),
    ops: fc.boolean(),
    flags: fc.constantFrom('', ' -b sh-port', ' -b sh-fallback,sh-port'),
    servers: fc.uniqueArray(server, { selector: (one) => `${one.at} ${one.port}`, maxLength: 5 }),
  });

  it('prints back whatever -Sn may print', () => {
    fc.assert(
      fc.property(fc.uniqueArray(service, { selector: (one) => `${one.option} ${one.at} ${one.port}` }), (services) => {
        const text = services
          .map((one) => {
            const key = `${one.option} ${one.at}:${one.port}`;
            const persistent = one.persistent === null ? '' : ` -p ${one.persistent}`;
            const head = `-A ${key} -s ${one.scheduler}${persistent}${one.ops ? ' -o' : ''}${one.flags}\n`;
            return (
              head +
              one.servers.map((real) => `-a ${key} -r ${real.at}:${real.port} ${real.how} -w ${real.w}\n`).join('')
            );
          })
          .join('');
        expect(printIpvsSave(read(text).rows)).toBe(text);
      }),
    );
  });

  it('is read without a throw, every line in one state', () => {
    const pieces = [
      '-A ',
      '-a ',
      '-t ',
      '10.0.0.1:80 ',
      '-r ',
      '-f 7 ',
      '-s rr ',
      '-p ',
      '\n',
      'TCP ',
      '  -> ',
      'Masq 1 0 0',
      '\0',
      '\ud800',
    ];
    const texts = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })))
      .map((all) => all.join(''));
    for (const text of hostileTexts) read(text);
    fc.assert(
      fc.property(texts, (text) => {
        read(text);
        for (const line of text.split('\n')) ipvsFormat.line(line);
      }),
    );
  });

  it('takes a line of a mebibyte in linear time', () => {
    const readLine = (line: string) => {
      read(line);
      ipvsFormat.line(line);
    };
    expect(slowLines(['-A -t 1.1.1.1:1 ', ' ', '-> ', '-A ', 'TCP 1.1.1.1:1 rr '], 1500, readLine)).toEqual([]);
  });
});
