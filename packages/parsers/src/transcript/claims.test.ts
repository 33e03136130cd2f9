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
    ['On both machines net.ipv4.ip_forward is 0, I checked.', ['net.ipv4.ip_forward is 0']],
    ['Dort steht net.ipv4.conf.all.rp_filter auf 1, wie gehabt.', ['net.ipv4.conf.all.rp_filter auf 1']],
    ['El net.ipv4.conf.all.rp_filter está a 1 en los dos.', ['net.ipv4.conf.all.rp_filter está a 1']],
    [
      '我们检查过 net.bridge.bridge-nf-call-iptables 的值为 0，其他正常。',
      ['net.bridge.bridge-nf-call-iptables 的值为 0'],
    ],
    ['На узле net.ipv4.ip_forward равен 1, всё как надо.', ['net.ipv4.ip_forward равен 1']],
    ['Le paramètre net.ipv4.ip_forward vaut 0 sur ce serveur.', ['net.ipv4.ip_forward vaut 0']],
    ['We checked that net.ipv4.ip_forward is not 0 on the machines.', []],
    ['Should net.ipv4.ip_forward be set to 1 on the machines?', []],
    ['The value net.netfilter.nf_conntrack_tcp_timeout_established is 5 days by default.', []],
    ['Na węźle nie ma trasy 10.244.3.0/24 via 10.0.0.13 dev eth0 na tym hoście.', []],
    ['Merhaba, düğümde net.ipv4.ip_forward=1 değil, bu bir sorun.', []],
    ['Op de node ontbreekt de route 10.244.3.0/24 via 10.0.0.13 dev eth0 helaas.', []],
    ['No nó não existe a rota 10.244.3.0/24 via 10.0.0.13 dev eth0 agora.', []],
  ])('%s', (text, wanted) => {
    expect(claimsIn(text)).toEqual(wanted);
  });
});
