/** Everything somebody saw on the wire or at a prompt. */
import type { Format } from '../format.js';
import { curlFormat } from './curl.js';
import { tcpdumpFormat } from './tcpdump.js';
import { telnetFormat } from './telnet.js';

export const observationFormats: readonly Format[] = [curlFormat, tcpdumpFormat, telnetFormat];
