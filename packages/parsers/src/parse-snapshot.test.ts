import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { address, ledgersAreComplete, route, rules, save } from './assemble/testing.js';
import { parseSnapshot } from './parse-snapshot.js';

describe('nothing breaks it', () => {
  const fragments = [
    '[root@n ~]# ',
    '$ ',
    '# ',
    '> ',
    '```\n',
    '===== ip route =====\n',
    'ip a',
    'ip route',
    '| grep x',
    '\\\n',
    '\n',
    ' ',
    'hostname',
    'kubectl exec -it p -- sh',
    'exit',
    'ssh b',
    '&gt;',
    '\u00a0',
    '1\n2\n3\n',
    '1 ',
    '{',
    '}',
    '"',
    "'",
    '\0',
    '\ud800',
    '\x1b[31m',
    '\b',
    '\r',
    '工单：',
    'Der Weg ist weg.',
    route,
    rules,
    save,
    address(1),
    '*nat\n',
    'COMMIT\n',
    '-A INPUT -j DROP\n',
    'apiVersion: v1\nkind: Pod\n',
    'bash: ip: command not found\n',
    'Name: s\nType: hash:ip\n',
    '10.0.0.0/8 via 10.0.0.1 ',
  ];

  test('any mixture of prompts, outputs and noise', () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 12 })), { maxLength: 24 });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const files = { 'a/x.txt': left.join(''), 'b/ip-route.txt': right.join('') };
        expect(ledgersAreComplete(parseSnapshot(files))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(ledgersAreComplete(parseSnapshot([['x', bytes]]))).toBe(true);
      }),
    );
  });

  test.each([
    'a',
    ' ',
    '"',
    '> ',
    '{',
    '# ',
    '$ ip ',
    'a@b:',
    '\0',
    '\n',
    '1\n',
    '\r',
    '\b',
    '&gt;',
    'ip a; ',
    '规',
    '-A ',
    '=',
  ])('many of %j, in linear time', (unit) => {
    const text = unit.repeat(Math.ceil((1 << 16) / unit.length));
    expect(
      ledgersAreComplete(
        parseSnapshot([
          ['x', `[root@n ~]# ip a ${text}`],
          ['y', text],
        ]),
      ),
    ).toBe(true);
  });
});
