/** The format of everything that ip and bridge print with `-j`. */
import type { Format, LineVerdict } from '../../format.js';
import { jsonExtent } from '../../text/json.js';
import { parseIprouteJson } from './parse.js';

/** A key that some row of ip or bridge begins with, in the compact form; rows that a filter hid are empty. */
const compact =
  /^\s{0,8}\[(?:\{\},){0,200}\{(?:"(?:ifindex|ifname|dst|type|priority|id|address|name|mac|link|link_index)":|"addr_info":\[\{"(?:index|dev)":|"family":"inet6?","interface":|"mdb":\[)/;

/** `-p` prints the brackets in a way of its own: `[ {` and `},{`. */
const pretty = /^\[ \{(?:\s|$)/;

const keyLine =
  /^ {4,}"(?:ifindex|ifname|dst|gateway|prefsrc|operstate|addr_info|priority|lladdr|flags|table|mtu|qdisc|link_type)":/;

/** `"`, `[`, `{`, `}`. */
const beginnings: ReadonlySet<number> = new Set([34, 91, 123, 125]);

function verdict(text: string): LineVerdict {
  let at = 0;
  while (at < 40 && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
  if (!beginnings.has(text.charCodeAt(at))) return null;
  const head = text.length > 800 ? text.slice(0, 800) : text;
  if (compact.test(head) || pretty.test(head)) return 'opens';
  if (/^\s{0,8}\},\{\s*$/.test(head) || /^\s{0,8}\} \]\s*$/.test(head)) return 'continues';
  return keyLine.test(head) ? 'continues' : null;
}

/** By the keys near the beginning: all rows of one output have the same ones. */
function whole(text: string): number {
  const head = text.slice(0, 2000).trimStart();
  if (!head.startsWith('[')) return 0;
  if (compact.test(head) || pretty.test(head)) return 0.95;
  const rows = /^\[\s*\{\s*"(?:ifindex|ifname|dst|type|priority|id|mac|link|address|name)"/.test(head);
  const keys = /"(?:operstate|addr_info|gateway|prefsrc|lladdr|link_type|table|vlans|prefixlen|maddr)"/.test(head);
  return rows && keys ? 0.9 : 0;
}

export const iprouteJson: Format = {
  id: 'iproute-json',
  title: 'output of ip or bridge as JSON (-j)',
  commands: [/(?:^|[\s/])(?:ip|bridge)\s+(?:-\S+\s+(?:[^-\s]\S*\s+)?)*-(?:j|js|json)(?=\s|$)/],
  fileNames: [/^(?:ip|bridge)[-_ .].*\.json$/i, /^(?:ip|bridge)[-_ ](?:-?\w{1,8}[-_ ]){0,3}-?j(?:son)?[-_ ]/],
  line: verdict,
  extent: jsonExtent,
  whole,
  parse: parseIprouteJson,
};
