/** Secrets in lines whose words have their places: snmpd.conf(5), ipsec.secrets(5), netrc(5), routers' configurations, XML settings, programs that take one as an argument. */
import { addSecret, isDone, type Search } from './secret.js';

type Shape = readonly [what: string, pattern: RegExp];

/** What stands before the secret on its line; the group is it. By the words that give rise to a look. */
export const directives: Readonly<
  Record<'community' | 'snmp' | 'psk' | 'password' | 'bind' | 'program' | 'markup', readonly Shape[]>
> = {
  snmp: [
    ['SNMP community', /\bsnmp[a-z]{3,10}\b.{0,200}?\s-c\s?("[^"]*"|'[^']*'|[^\s"']+)/i],
    ['SNMP password', /\bsnmp[a-z]{3,10}\b.{0,300}?\s-A\s?("[^"]*"|'[^']*'|[^\s"']+)/],
    ['SNMP password', /\bsnmp[a-z]{3,10}\b.{0,300}?\s-X\s?("[^"]*"|'[^']*'|[^\s"']+)/],
    ['SNMP password', /\bcreateUser\s.{0,200}?\s(?:MD5|SHA\S{0,5})\s{1,20}("[^"]*"|\S+)/i],
    ['SNMP password', /\bcreateUser\s.{0,300}?\s(?:AES|DES)\S{0,4}\s{1,20}("[^"]*"|\S+)/i],
  ],
  community: [
    ['SNMP community', /^\s{0,40}r[ow]community6?\s{1,20}("[^"]*"|\S+)/i],
    ['SNMP community', /\bsnmp-server\s{1,20}community\s{1,20}(?:\d\s{1,20})?(\S+)/i],
    ['SNMP community', /\bset\s{1,20}snmp\s{1,20}community\s{1,20}(\S+)/i],
    ['SNMP community', /\bcom2sec6?\s{1,20}(?:-Cn\s{1,20}\S+\s{1,20})?\S+\s{1,20}\S+\s{1,20}("[^"]*"|\S+)/i],
    ['SNMP community', /\b(?:trap2?|inform)sink\s{1,20}\S+\s{1,20}(\S+)/i],
    [
      'SNMP community',
      /(?<![A-Za-z])community(?:[-_]?(?:string|name))?["']?\s{0,8}[:=]\s{0,8}(?!\d+:\d)("[^"]*"|'[^']*'|[^\s"',;{[]+)/i,
    ],
  ],
  psk: [
    ['preshared key', /:\s{0,8}(?:PSK|XAUTH|EAP|NTLM|PIN)\s{1,8}("[^"]*"|[^\s"]+)/],
    ['preshared key', /\b(?:ipsec-psk|wpa-psk|pre-shared-key(?: local| remote)?)\s{1,8}("[^"]*"|[^\s"]+)/i],
  ],
  password: [
    [
      'password',
      /\b(?:enable|username \S{1,64}(?: privilege \d{1,2})?)\s(?:secret|password)(?: \d{1,2})?\s("[^"]*"|\S+)/i,
    ],
    ['password', /\b(?:secret|password|key-string|authentication-key \d{1,10} md5) [0578] ("[^"]*"|\S+)/i],
    ['password', /\b(?:radius|tacacs)[\w-]{0,20}(?: server)?(?: host \S{1,64})? (?:key|secret)(?: \d)? ("[^"]*"|\S+)/i],
    ['password', /^\s{0,40}(?:password|passwd|secret|auth-pass)\s{1,20}("[^"]*"|[^\s";]+);?\s*$/i],
    ['password', /\b(?:secret|password)\s{1,8}"([^"]+)"/i],
    // Told in a sentence; a word without digits is more likely part of it.
    [
      'password',
      /(?<![-\w])(?:password|passwd|passphrase|passwort|token|secret)\s{1,4}(?:is|was|ist|lautet|es|est)\s{1,4}["'`]?(?=[^\s"'`]{0,60}\d)(?=[^\s"'`]{0,60}[A-Za-z])([^\s"'`,]{6,400}?)(?=[.!]?(?:[\s"'`,]|$))/i,
    ],
    ['password', /\blogin\s{1,20}\S{1,200}\s{1,20}password\s{1,20}(\S+)/i],
  ],
  bind: [
    [
      'password',
      /\b(?:masterauth|masteruser \S{1,64}|bind_?pw|bindpassword|authtok)[\s:=]{1,20}("[^"]*"|'[^']*'|[^\s"']+)/i,
    ],
  ],
  program: [
    ['password', /\bredis-cli\b.{0,300}?\s-a\s{1,8}("[^"]*"|'[^']*'|[^\s"']+)/i],
    ['password', /\bhtpasswd\s{1,8}-\w{0,6}b\w{0,6}(?:\s{1,8}-\w+)*\s{1,8}\S+\s{1,8}\S+\s{1,8}(\S+)/i],
    ['password', /\betcdctl_user\s{0,8}[=:]\s{0,8}["']?[^\s:"']{1,100}:([^\s"']+)/i],
  ],
  markup: [
    ['password', /<[\w.:-]{0,60}(?:password|passwd|secret|token|apikey|privatekey)>([^<]{1,4000})<\//i],
    [
      'password',
      /\b(?:key|name)="[^"]{0,100}(?:password|passwd|secret|token|apikey|privatekey)"[^>]{0,100}?\bvalue="([^"]{1,4000})"/i,
    ],
    ['password', /\bvalue="([^"]{1,4000})"[^>]{0,100}?\b(?:key|name)="[^"]{0,100}(?:password|passwd|secret|token)"/i],
  ],
};

const before = 160;
const after = 400;

/** A finder that is called with an offset on a line that may hold one of the shapes. */
export function directiveFinder(name: keyof typeof directives): (search: Search, at: number) => void {
  const shapes = directives[name];
  return (search, at) => {
    if (isDone(search, name, at)) return;
    const { text } = search;
    const start =
      at -
      (text
        .slice(Math.max(0, at - before), at)
        .split('\n')
        .at(-1)?.length ?? 0);
    const line = text.slice(start, at + after).split('\n', 1)[0] ?? '';
    search.done.set(name, start + line.length);
    for (const [what, pattern] of shapes) {
      const match = pattern.exec(line);
      if (match === null) continue;
      const value = match[1] ?? '';
      const from = start + match.index + match[0].lastIndexOf(value);
      if (isSaid(value)) addSecret(search, from, from + value.length, what);
    }
  };
}

/** False for words that stand where a secret could, in text about secrets. */
function isSaid(value: string): boolean {
  return !/^(?:is|are|was|for|of|in|to|and|or|not|the|a|has|from|with|must|file|required|<none>|none|null|true|false|\*+)$/i.test(
    value,
  );
}
