/** Everything somebody saw on the wire or at a prompt. */
import type { Format } from '../format.js';
import { arpAnswersFormat } from './arp-answers.js';
import { curlFormat } from './curl.js';
import { dnsFormat } from './dns.js';
import { kubectlErrorFormat } from './kubectl-error.js';
import { ncFormat } from './nc.js';
import { pingFormat } from './ping.js';
import { tcpdumpFormat } from './tcpdump.js';
import { telnetFormat } from './telnet.js';
import { vnstatFormat } from './vnstat.js';
import { wgetFormat } from './wget.js';

export const observationFormats: readonly Format[] = [
  arpAnswersFormat,
  curlFormat,
  dnsFormat,
  kubectlErrorFormat,
  ncFormat,
  pingFormat,
  tcpdumpFormat,
  telnetFormat,
  vnstatFormat,
  wgetFormat,
];
