/** What sentences of several languages claim, and what they deny. */
import { describe, expect, test } from 'vitest';
import { snapshotOf } from '../assemble/testing.js';

function claimsIn(text: string): readonly string[] {
  const { diagnostics } = snapshotOf(text);
  return diagnostics
    .filter((one) => one.code === 'transcript/claim')
    .map(({ span }) => (span === null ? '' : text.slice(span.start, span.end)));
}

describe('claims', () => {
  test.each<[string, readonly string[]]>([
    [
      'Je pense que la règle -A FORWARD -s 10.42.0.0/16 -j DROP est en cause, mais net.ipv4.conf.all.rp_filter=1 aussi.',
      ['-A FORWARD -s 10.42.0.0/16 -j DROP', 'net.ipv4.conf.all.rp_filter=1'],
    ],
    [
      'The rule -A INPUT -p tcp --dport 22 -j REJECT --reject-with tcp-reset is first, and nothing follows it.',
      ['-A INPUT -p tcp --dport 22 -j REJECT --reject-with tcp-reset'],
    ],
    [
      'Reguła -A FORWARD -m conntrack --ctstate INVALID -j DROP jest na początku.',
      ['-A FORWARD -m conntrack --ctstate INVALID -j DROP'],
    ],
    [
      'Die Schnittstelle ens160 hat die Adresse 10.20.30.41/24 und ist aktiv.',
      ['ens160 hat die Adresse 10.20.30.41/24'],
    ],
    ['Na węźle nie ma trasy 10.244.3.0/24 via 10.0.0.13 dev eth0 na tym hoście.', []],
    ['Merhaba, düğümde net.ipv4.ip_forward=1 değil, bu bir sorun.', []],
    ['Op de node ontbreekt de route 10.244.3.0/24 via 10.0.0.13 dev eth0 helaas.', []],
    ['No nó não existe a rota 10.244.3.0/24 via 10.0.0.13 dev eth0 agora.', []],
  ])('%s', (text, wanted) => {
    expect(claimsIn(text)).toEqual(wanted);
  });
});
