/** `-j REJECT`: drops the packet and tells the sender. iptables-extensions(8); net/ipv4/netfilter/ipt_REJECT.c and its IPv6 twin. */
import type { Family } from '../../inet/ip.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { pick, word } from '../value.js';

export interface RejectTarget {
  /** As `--reject-with` names it. */
  readonly with: string;
}

interface Answer {
  readonly name: string;
  readonly alias: string;
  /** The answer as a trace names it. */
  readonly answer: string;
}

const answer = (name: string, alias: string, what: string): Answer => ({ name, alias, answer: what });

/** In the order in which the tool looks for the beginning of a name. */
const answers: Readonly<Record<Family, readonly [Answer, ...Answer[]]>> = {
  4: [
    answer('icmp-net-unreachable', 'net-unreach', 'icmp 3/0'),
    answer('icmp-host-unreachable', 'host-unreach', 'icmp 3/1'),
    answer('icmp-proto-unreachable', 'proto-unreach', 'icmp 3/2'),
    answer('icmp-port-unreachable', 'port-unreach', 'icmp 3/3'),
    answer('icmp-net-prohibited', 'net-prohib', 'icmp 3/9'),
    answer('icmp-host-prohibited', 'host-prohib', 'icmp 3/10'),
    answer('tcp-reset', 'tcp-rst', 'tcp-reset'),
    answer('icmp-admin-prohibited', 'admin-prohib', 'icmp 3/13'),
  ],
  6: [
    answer('icmp6-no-route', 'no-route', 'icmpv6 1/0'),
    answer('icmp6-adm-prohibited', 'adm-prohibited', 'icmpv6 1/1'),
    answer('icmp6-addr-unreachable', 'addr-unreach', 'icmpv6 1/3'),
    answer('icmp6-port-unreachable', 'port-unreach', 'icmpv6 1/4'),
    answer('tcp-reset', 'tcp-reset', 'tcp-reset'),
    answer('icmp6-policy-fail', 'policy-fail', 'icmpv6 1/5'),
    answer('icmp6-reject-route', 'reject-route', 'icmpv6 1/6'),
  ],
};

const usual: Readonly<Record<Family, string>> = { 4: 'icmp-port-unreachable', 6: 'icmp6-port-unreachable' };

/** Any beginning of a name or alias in either case; the first in the table wins. */
const rejectType = word(
  'type',
  (text, cx) => {
    const typed = text.toLowerCase();
    const found = answers[cx.family].find(({ name, alias }) => name.startsWith(typed) || alias.startsWith(typed));
    return found?.name ?? refuse(`"${text}" is no kind of rejection`);
  },
  (choose, cx) => {
    const { name, alias } = pick(choose, answers[cx.family]);
    return pick(choose, [name, name, alias, alias.slice(0, 1 + choose(alias.length)), name.toUpperCase()]);
  },
);

export const reject = defineTarget({
  name: 'REJECT',
  families: [4, 6],
  tables: ['filter'],
  hooks: ['INPUT', 'FORWARD', 'OUTPUT'],
  options: { 'reject-with': option(rejectType) },
  build: (given, cx): RejectTarget | Refusal => {
    const type = given['reject-with']?.value ?? usual[cx.family];
    return type === 'tcp-reset' && cx.proto !== 6 ? refuse('tcp-reset needs -p tcp') : { with: type };
  },
  save: (data) => ['--reject-with', data.with],
  listing: (cursor): RejectTarget | null => {
    const type = cursor.accept('reject-with') ? cursor.take() : null;
    return type === null ? null : { with: type };
  },
  apply: (data, { skb }) => {
    const known = answers[skb.family].find(({ name }) => name === data.with);
    return { kind: 'reject', with: known?.answer ?? data.with };
  },
});
