/** Whatever stands on a line of probes, exactly one answer follows, and the run goes on. https://jsonlines.org */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerTo, interviewOf, type Json } from './probe-node.js';

const good: Json = { kind: 'output', family: 4, dst: '10.2.0.9', proto: 'udp', sport: 4000, dport: 53 };
const enters: Json = { ...good, kind: 'ingress', in_iface: 'eth0', src: '10.1.0.9' };

describe('a malformed probe gets one error that names it and its fault', () => {
  const odd = (id: unknown, fields: Json) => JSON.stringify({ id, ...fields });
  it.each([
    ['no address', odd('g', { ...good, dst: '10.0.0.300' }), 'probe g: "dst" is not an address: 10.0.0.300'],
    ['a number for an address', odd('g', { ...good, dst: 7 }), 'probe g: "dst" is not an address: 7'],
    ['a list for an address', odd('g', { ...good, dst: [[1]] }), 'probe g: "dst" is not an address: a list'],
    ['the other family', odd('g', { ...good, dst: 'fd00::1' }), 'probe g: "dst" is not an IPv4 address: fd00::1'],
    [
      'an IPv4 address in IPv6 clothes, which no socket of IPv6 sends to',
      odd('g', { ...good, family: 6, dst: '::ffff:10.2.0.9' }),
      'probe g: "dst" is an IPv4 address in IPv6 clothes, by which a socket speaks IPv4: ask about 10.2.0.9',
    ],
    ['no such family', odd('g', { ...good, family: 5 }), 'probe g: "family" is neither 4 nor 6: 5'],
    ['no destination', odd('g', { ...good, dst: undefined }), 'probe g: "dst" is missing'],
    ['no protocol', odd('g', { ...good, proto: undefined }), 'probe g: "proto" is missing'],
    ['no such protocol', odd('g', { ...good, proto: 'tcpip' }), 'probe g: "proto" is not a protocol: tcpip'],
    ['no port', odd('g', { ...good, dport: undefined }), 'probe g: "dport" is missing'],
    [
      'a port as a text',
      odd('g', { ...good, dport: '53' }),
      'probe g: "dport" is not a whole number from 0 to 65535: 53',
    ],
    [
      'a port too high',
      odd('g', { ...good, sport: 65536 }),
      'probe g: "sport" is not a whole number from 0 to 65535: 65536',
    ],
    [
      'a broken mark',
      odd('g', { ...good, mark: 1.5 }),
      'probe g: "mark" is not a whole number from 0 to 4294967295: 1.5',
    ],
    [
      'no such flag',
      odd('g', { ...good, tcp_flags: 'SYN,ECN' }),
      'probe g: "tcp_flags" is not a list of TCP flags: SYN,ECN',
    ],
    [
      'odd hexadecimal',
      odd('g', { ...good, frag_body: 'abc' }),
      'probe g: "frag_body" is not bytes in hexadecimal: abc',
    ],
    [
      'no such kind',
      odd('g', { ...good, kind: 'forward' }),
      'probe g: "kind" is none of ingress, output, routeget, source, reply: forward',
    ],
    ['no kind', odd('g', { ...good, kind: undefined }), 'probe g: "kind" is missing'],
    ['no device', odd('g', { ...enters, in_iface: undefined }), 'probe g: "in_iface" is missing'],
    [
      'no such device',
      odd('g', { ...enters, in_iface: 'eth7' }),
      'probe g: "in_iface" is no interface of router: eth7',
    ],
    ['no source', odd('g', { ...enters, src: undefined }), 'probe g: "src" is missing'],
    [
      'a broken hardware address',
      odd('g', { ...enters, src_mac: '02:00' }),
      'probe g: "src_mac" is not a hardware address: 02:00',
    ],
    ['a broken quote', odd('g', { ...enters, inner: { src: 'x' } }), 'probe g: "inner.src" is not an address: x'],
    ['a quote that is no object', odd('g', { ...enters, inner: 3 }), 'probe g: "inner" is not an object: 3'],
    ['nobody to answer', odd('g', { kind: 'reply' }), 'probe g: "of" is missing'],
    [
      'an unknown probe to answer',
      odd('g', { kind: 'reply', of: 'zz' }),
      'probe g: "of" names none of the probes remembered: zz',
    ],
    ['no id', odd(undefined, good), 'the probe on line 3 has no "id" that is a text or a number'],
    ['an object for an id', odd({}, good), 'the probe on line 3 has no "id" that is a text or a number'],
    ['no object', '[1]', 'the probe on line 3 is not a JSON object'],
    ['nothing', 'null', 'the probe on line 3 is not a JSON object'],
    ['no JSON', '{"id":', 'the probe on line 3 is not JSON'],
  ])('%s', (_sentence, line, error) => {
    const ask = interviewOf({ 'ip-link.txt': links });
    expect(ask(line, 3)).toEqual({ ...(error.startsWith('probe g') ? { id: 'g' } : {}), error });
    expect(answerTo(ask, { ...good, id: 'next' })['outcome']).toBe('forward');
  });

  it('an id that was used before', () => {
    const ask = interviewOf();
    expect(answerTo(ask, good, { ...good, id: '1' })).toEqual({
      id: '1',
      error: 'probe 1: an earlier probe has the same "id"',
    });
  });

  it('fields that nobody knows are ignored', () => {
    const [plain, odder] = [good, { ...good, color: 'red', __proto__: { dst: 3 }, constructor: 7 }].map((probe) =>
      answerTo(interviewOf(), probe),
    );
    expect(odder).toEqual(plain);
  });
});

const links = [
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 state UNKNOWN\n    link/loopback 00:00:00:00:00:00',
  ...['2: eth0', '3: eth1'].map(
    (name, at) =>
      `${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP\n    link/ether 02:00:00:00:00:0${at + 1}`,
  ),
]
  .map((text) => `${text}\n`)
  .join('');

const value = fc.oneof(
  fc.constantFrom<unknown>('10.1.0.1', '10.2.0.9', 'fd00::1', 'tcp', 'udp', 'icmp', 'eth0', 'lo', 'SYN,ACK', '1', null),
  fc.nat(70_000),
  fc.jsonValue(),
);
const names =
  'id kind family in_iface oif src dst proto sport dport tcp_flags icmp_type icmp_code icmp_id mark ttl tos length payload src_mac dst_mac frag_off mf frag_body inner of uid'.split(
    ' ',
  );
const nearly = fc
  .tuple(
    fc.constantFrom('ingress', 'output', 'routeget', 'source', 'reply'),
    fc.dictionary(fc.constantFrom(...names), value),
  )
  .map(([kind, fields]) =>
    JSON.stringify({ id: '1', kind, family: 4, dst: '10.2.0.9', proto: 17, dport: 53, ...fields }),
  );
const line = fc.oneof(fc.string(), fc.json(), nearly);

it('any line has exactly one answer, which is one line of JSON', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
      const ask = interviewOf();
      for (const [at, text] of lines.entries()) {
        const answer = JSON.stringify(ask(text, at + 1));
        expect(answer).not.toContain('\n');
        const { error, outcome, branches } = JSON.parse(answer) as Json;
        expect([error, outcome, branches].filter((part) => part !== undefined).length).toBe(1);
      }
    }),
    { numRuns: 300 },
  );
});

it('nesting without end is a broken probe like any other', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const ask = interviewOf();
  expect(ask(`{"id":"d","kind":"output","proto":6,"dport":1,"dst":${deep}}`, 1)).toEqual({
    id: 'd',
    error: 'probe d: "dst" is not an address: a list',
  });
});

describe('what is remembered', () => {
  it('forgets the oldest probes, and says so', async () => {
    const { interview, placeOf } = await import('@coldtrace/core');
    const { nodeOf, router } = await import('./node-text.js');
    const node = nodeOf(router);
    const ask = interview(placeOf(node, node.host, 'none'), { probes: 30, characters: 1 << 20 });
    for (let at = 0; at < 40; at++) ask(JSON.stringify({ ...good, id: at }), at + 1);
    const reply = (of: number) => ask(JSON.stringify({ id: `r${of}`, kind: 'reply', of }), 99);
    expect(reply(39)).toMatchObject({ outcome: 'local' });
    expect(reply(15)).toMatchObject({ outcome: 'local' });
    expect(reply(3)).toMatchObject({ error: 'probe r3: "of" names none of the probes remembered: 3' });
  });

  it('are the last lines that both bounds leave room for, whatever came and went before', async () => {
    const { interview, placeOf } = await import('@coldtrace/core');
    const { nodeOf, router } = await import('./node-text.js');
    const node = nodeOf(router);
    const place = placeOf(node, node.host, 'none');
    const lines = fc.array(fc.record({ id: fc.nat(12), sport: fc.integer({ min: 1, max: 65_535 }) }), {
      maxLength: 60,
    });
    const bounds = fc.record({ probes: fc.nat(9), characters: fc.integer({ min: 60, max: 1200 }) });
    fc.assert(
      fc.property(lines, bounds, (asked, memory) => {
        const ask = interview(place, memory);
        let kept: readonly { readonly id: number; readonly length: number }[] = [];
        const answers = asked.map((fields, at) => 'error' in ask(JSON.stringify({ ...good, ...fields }), at + 1));
        const expected = asked.map((fields) => {
          if (kept.some(({ id }) => id === fields.id)) return true;
          kept = [...kept, { id: fields.id, length: JSON.stringify({ ...good, ...fields }).length }];
          const held = () => kept.reduce((sum, { length }) => sum + length, 0);
          while (kept.length > memory.probes || held() > memory.characters) kept = kept.slice(1);
          return false;
        });
        expect(answers).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('a reply long after its probe is the one that follows it at once', () => {
    const probes = Array.from({ length: 40 }, (_, at) => ({ ...good, id: at, sport: 4000 + at }));
    const reply = (of: number) => JSON.stringify({ id: `r${of}`, kind: 'reply', of });
    const [ask, askLater] = [interviewOf(), interviewOf()];
    const atOnce = probes.map((probe, at) => [ask(JSON.stringify(probe), at + 1), ask(reply(at), at + 1)]);
    const first = probes.map((probe, at) => askLater(JSON.stringify(probe), at + 1));
    const later = probes.map((_, at) => askLater(reply(at), at + 41));
    expect(probes.map((_, at) => [first[at], later[at]])).toEqual(atOnce);
    expect(later[7]).toMatchObject({ id: 'r7', dport: 4007 });
  });
});
