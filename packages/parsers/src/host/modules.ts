/** Loaded kernel modules: lsmod(8), /proc/modules. */
import { type Facts, type KernelModule, UNRECOGNIZED } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';

const heading = /^Module +Size +Used by\s*$/;
const row =
  /^([A-Za-z0-9_]{1,60}) +(\d{3,10}) +(-?\d{1,7})(?: +([A-Za-z0-9_,[\]-]{1,4000}))?(?: (?:Live|Loading|Unloading) 0x[0-9a-f]+.*)?\s*$/;
/** Modules of packets, whose rows say alone what they are. */
const network =
  /^(?:ip_vs|ip6?_?tables?|ip6?table_|ip6?t_|ipt_|xt_|nf_|nft_|br_netfilter|bridge|vxlan|ipip|ip_set|overlay|veth|x_tables|ebtable|tunnel4|ip_tunnel|stp|llc|dummy|sch_|cls_|act_)/;

export const modulesFormat: Format = {
  id: 'lsmod',
  title: 'loaded kernel modules',
  commands: [/^(?:\S*\/)?lsmod\b/, /^(?:cat|grep)\b.*\/proc\/modules\b/],
  fileNames: [/^(?:lsmod|modules)(?:\.(?:txt|md|log))?$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 5000) return null;
  if (heading.test(text)) return 'opens';
  const found = row.exec(text);
  if (found === null) return null;
  return network.test(text) && /[a-z]/.test(found[1] ?? '') ? 'opens' : 'continues';
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: KernelModule[] = [];
  let headed = false;
  for (const line of reading.lines) {
    const found = line.text.length > 5000 ? null : row.exec(line.text);
    if (heading.test(line.text)) {
      headed = true;
      claim(reading, line, 'inert');
    } else if (found !== null) {
      const usedBy = (found[4] ?? '').split(',').filter((name) => /^[A-Za-z0-9_]+$/.test(name));
      rows.push({ span: lineSpan(section, line), name: found[1] ?? '', usedBy });
      claim(reading, line, 'modelled');
    } else takeFailure(reading, line);
  }
  const { command } = section;
  const unfiltered =
    command === null
      ? headed && !section.freeForm
      : /^(?:\S*\/)?(?:lsmod|cat \/proc\/modules)\s*(?:2>\S+)?$/.test(command.trim());
  const listed = rows.length > 0 || headed;
  return closeReading(
    reading,
    listed ? [{ kind: 'modules', rows, complete: unfiltered && !reading.ledger.includes(UNRECOGNIZED) }] : [],
  );
}
