/** Who answered ARP for which address: arping(8) of iputils and busybox, arping(8) of Habets, arp-scan(1). */
import { formatIp, formatMac, parseIp, parseMac } from '@coldtrace/core';
import { plainListing } from '../text/plain-listing.js';

const mac = '(?<mac>[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2}){5})';
const ip = '(?<ip>\\d{1,3}(?:\\.\\d{1,3}){3})';
/** `Unicast reply from 10.0.0.1 [52:54:00:00:00:01]  0.7ms`, `60 bytes from 52:54:00:00:00:01 (10.0.0.1): index=0 …`, `10.0.0.1<tab>52:54:00:00:00:01<tab>vendor`. */
const answers: readonly RegExp[] = [
  new RegExp(`^(?:Unicast|Broadcast) reply from ${ip} \\[${mac}\\]`),
  new RegExp(`^\\d{2,3} bytes from ${mac} \\(${ip}\\): index=\\d+ time=`),
  new RegExp(`^${ip}(?:\\t| {2,16})${mac}(?:\\t| {2,16})\\S`),
];

export const arpAnswersFormat = plainListing({
  id: 'arp-answers',
  title: 'who answers ARP for an address (arping, arp-scan)',
  notes: answerOf,
  commands: [/^(?:\S*\/)?(?:busybox\s+)?(?:arping|arp-scan)\b/],
  fileNames: [/^(?:arping|arp-scan)(?:[-_.].*)?$/i],
  opens:
    /^ARPING \S{7,15}(?: from \S+ \S+| to \S+ on \S+)?\s*$|^Interface: \S{1,15}, (?:type|datalink type): |^Starting arp-scan \d|^(?:Unicast|Broadcast) reply from \S+ \[|^\d{2,3} bytes from [0-9a-f:]{17} \(\S+\): index=\d/,
  fits: /^(?:Sent \d+ probes|Received \d+ (?:response|reply|request))|^--- \S+ statistics ---$|^\d+ packets transmitted, .*unanswered|^rtt min\/avg\/max\/std-dev|^\d+ packets received by filter, |^Ending arp-scan |^Timeout$|^\d{1,3}(?:\.\d{1,3}){3}\t[0-9a-fA-F:]{17}\t/,
  whole: true,
});

function answerOf(text: string) {
  for (const shape of answers) {
    const groups = shape.exec(text)?.groups;
    const [address, lladdr] = [parseIp(groups?.['ip'] ?? ''), parseMac(groups?.['mac'] ?? '')];
    if (address !== null && lladdr !== null)
      return { component: 'unknown', event: 'arp-answer', data: { ip: formatIp(address), mac: formatMac(lladdr) } };
  }
  return null;
}
