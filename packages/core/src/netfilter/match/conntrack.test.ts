import { describe } from 'vitest';
import { conntrack } from './conntrack.js';
import { connection, itPrints, itRefuses, itTests, packet, tuple } from './testing.js';

const fresh = packet({ ctState: 'NEW', ct: connection() });
/** To the service 10.96.0.10, sent on to 10.0.0.2, with the source of node 10.0.0.9. */
const service = {
  original: tuple('10.0.0.1', 40000, '10.96.0.10', 53),
  reply: tuple('10.0.0.2', 5353, '10.0.0.9', 40000),
  srcNat: true,
  dstNat: true,
};
const toService = packet({ ctState: 'NEW', ct: connection(service) });
const dumped = packet({ ctState: 'NEW', ct: connection({ confirmed: true, expected: null }) });
const answer = packet({
  ctState: 'ESTABLISHED',
  ct: connection({ ...service, direction: 'reply', confirmed: true, seenReply: true }),
});
const untracked = packet({ ctState: 'UNTRACKED' });
const invalid = packet({ ctState: 'INVALID' });

describe('conntrack', () => {
  itPrints(conntrack, 4, [
    ['--ctstate NEW', '--ctstate NEW', 'ctstate NEW'],
    ['--ctstate ESTABLISHED,RELATED', '--ctstate RELATED,ESTABLISHED', 'ctstate RELATED,ESTABLISHED'],
    [
      '! --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT',
      '! --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT',
      '! ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT',
    ],
    ['--ctstate new,new', '--ctstate NEW', 'ctstate NEW'],
    ['--ctstate est', '--ctstate ESTABLISHED', 'ctstate ESTABLISHED'],
    ['--ctproto tcp', '--ctproto 6', 'ctproto 6'],
    ['! --ctproto 17', '! --ctproto 17', '! ctproto 17'],
    ['--ctproto 0', '--ctproto 0', 'ctproto 0'],
    ['--ctproto 4 --ctorigsrcport 5', '--ctproto 4 --ctorigsrcport 5', 'ctproto 4 ctorigsrcport 5'],
    [
      '--ctorigsrc 10.0.0.0/8 ! --ctorigdst 10.0.0.1',
      '--ctorigsrc 10.0.0.0/8 ! --ctorigdst 10.0.0.1',
      'ctorigsrc 10.0.0.0/8 ! ctorigdst 10.0.0.1',
    ],
    ['! --ctorigdst 0.0.0.0/0', '! --ctorigdst 0.0.0.0/0', '! ctorigdst 0.0.0.0/0'],
    ['--ctrepldst 10.0.0.9/8', '--ctrepldst 10.0.0.9/8', 'ctrepldst 10.0.0.9/8'],
    [
      '--ctproto tcp --ctorigsrcport 80 ! --ctorigdstport 90:100 --ctreplsrcport http --ctrepldstport :90',
      '--ctproto 6 --ctorigsrcport 80 ! --ctorigdstport 90:100 --ctreplsrcport 80 --ctrepldstport 0:90',
      'ctproto 6 ctorigsrcport 80 ! ctorigdstport 90:100 ctreplsrcport 80 ctrepldstport 0:90',
    ],
    ['--ctorigsrcport 0:65535', '--ctorigsrcport 0:65535', 'ctorigsrcport 0:65535'],
    ['--ctorigsrcport 90:80', '--ctorigsrcport 90:80', 'ctorigsrcport 90:80'],
    ['--ctstatus NONE', '--ctstatus NONE', 'ctstatus NONE'],
    ['--ctstatus NONE,ASSURED', '--ctstatus ASSURED', 'ctstatus ASSURED'],
    ['--ctstatus CONFIRMED,EXPECTED', '--ctstatus EXPECTED,CONFIRMED', 'ctstatus EXPECTED,CONFIRMED'],
    ['--ctstatus A', '--ctstatus ASSURED', 'ctstatus ASSURED'],
    ['--ctexpire 5:5', '--ctexpire 5', 'ctexpire 5'],
    ['! --ctexpire 10:5', '! --ctexpire 10:5', '! ctexpire 10:5'],
    ['--ctexpire :10', '--ctexpire 0:10', 'ctexpire 0:10'],
    ['--ctexpire 10:', '--ctexpire 10:4294967295', 'ctexpire 10:4294967295'],
    ['--ctexpire 0x10', '--ctexpire 16', 'ctexpire 16'],
    ['--ctdir reply', '--ctdir REPLY', 'ctdir REPLY'],
    [
      '--ctdir REPLY --ctstate NEW --ctorigdstport 80 --ctproto 6 --ctstatus ASSURED --ctorigdst 1.2.3.4 --ctexpire 9 --ctreplsrc 1.1.1.1',
      '--ctstate NEW --ctproto 6 --ctorigdst 1.2.3.4 --ctreplsrc 1.1.1.1 --ctorigdstport 80 --ctstatus ASSURED --ctexpire 9 --ctdir REPLY',
      'ctstate NEW ctproto 6 ctorigdst 1.2.3.4 ctreplsrc 1.1.1.1 ctorigdstport 80 ctstatus ASSURED ctexpire 9 ctdir REPLY',
    ],
  ]);
  itPrints(conntrack, 6, [
    [
      '--ctorigsrc fd00::/8 ! --ctorigdst fd00::1',
      '--ctorigsrc fd00::/8 ! --ctorigdst fd00::1',
      'ctorigsrc fd00::/8 ! ctorigdst fd00::1',
    ],
    ['--ctrepldst ::/0', '--ctrepldst ::/0', 'ctrepldst ::/0'],
    ['--ctproto icmpv6', '--ctproto 58', 'ctproto 58'],
  ]);
  itRefuses(conntrack, 4, [
    ['', 'at least one'],
    ['--ctstate NEW,', 'none of'],
    ['--ctstate ,NEW', 'none of'],
    ['--ctstatus SNAT', 'none of'],
    ['! --ctdir REPLY', 'takes no !'],
    ['--ctdir O', 'neither'],
    ['--ctexpire 4294967296', 'seconds'],
    ['--ctorigsrc 10.0.0.1,10.0.0.2', 'not an IPv4 address'],
    ['--ctorigsrc fd00::1', 'not an IPv4 address'],
  ]);
  itTests(conntrack, [
    ['a list of states is an or', '--ctstate INVALID,NEW', fresh, 'yes'],
    ['a new packet is not established', '--ctstate RELATED,ESTABLISHED', fresh, 'no'],
    ['NEW or DNAT holds for a new DNATed packet', '--ctstate ESTABLISHED,DNAT', toService, 'yes'],
    ['SNAT holds when the source is translated', '--ctstate SNAT', toService, 'yes'],
    ['and not otherwise', '--ctstate SNAT,DNAT', fresh, 'no'],
    ['the original destination is the service', '--ctorigdst 10.96.0.10', toService, 'yes'],
    ['the reply comes from the pod', '--ctreplsrc 10.0.0.2 --ctreplsrcport 5353', toService, 'yes'],
    ['host bits of the option do not count', '--ctorigdst 10.96.9.9/16', toService, 'yes'],
    ['the reply goes to the node', '! --ctrepldst 10.0.0.9', toService, 'no'],
    ['an answer is in reply direction', '--ctdir REPLY', answer, 'yes'],
    ['and still has its original port', '--ctorigdstport 53', answer, 'yes'],
    ['its protocol', '--ctproto udp', answer, 'yes'],
    ['not another', '! --ctproto udp', answer, 'no'],
    ['a reply was seen', '--ctstatus SEEN_REPLY', answer, 'yes'],
    ['a first packet is not confirmed', '--ctstatus CONFIRMED', fresh, 'no'],
    ['NONE is never found', '--ctstatus NONE', fresh, 'no'],
    ['and so never fails negated', '! --ctstatus NONE', fresh, 'yes'],
    ['nothing announced it', '--ctstatus EXPECTED', answer, 'no'],
    ['who can say what announced an entry of the table', '--ctstatus EXPECTED', dumped, 'unknown'],
    ['but a confirmed one is one of these', '--ctstatus EXPECTED,CONFIRMED', answer, 'yes'],
    ['nobody knows the time left', '--ctexpire 5', answer, 'unknown'],
    ['the wrong direction settles that', '--ctexpire 5 --ctdir ORIGINAL', answer, 'no'],
    ['an untracked packet is UNTRACKED', '--ctstate UNTRACKED', untracked, 'yes'],
    ['and none of the others', '! --ctstate NEW,DNAT', untracked, 'yes'],
    ['it has no direction', '--ctdir ORIGINAL', untracked, 'no'],
    ['no status, not even NONE', '--ctstatus NONE', untracked, 'no'],
    ['nor the absence of one', '! --ctstatus CONFIRMED', untracked, 'no'],
    ['an invalid one no original destination', '! --ctorigdst 10.9.9.9', invalid, 'no'],
    ['beside a state that holds, the kernel asks it nothing else', '--ctstate INVALID --ctproto tcp', invalid, 'yes'],
    [
      'ports of a protocol without any are 0',
      '--ctorigsrcport 0',
      packet({
        ctState: 'NEW',
        proto: 50,
        ct: connection({ proto: 50, original: tuple('10.0.0.1', null, '10.0.0.2', null) }),
      }),
      'yes',
    ],
    [
      'only PPTP has GRE keys',
      '--ctorigsrcport 0',
      packet({
        ctState: 'NEW',
        proto: 47,
        ct: connection({ proto: 47, original: tuple('10.0.0.1', null, '10.0.0.2', null) }),
      }),
      'yes',
    ],
    ['a range that runs backwards holds no port', '! --ctorigsrcport 90:80', fresh, 'yes'],
  ]);
});
