/** `ip netconf`: kernel parameters of devices in netlink's words (ip-netconf(8), net/ipv4/devinet.c inet_netconf_fill_devconf). */
import type { Facts, Span, Sysctl, YamlValue } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../../format.js';
import { type Line, lineSpan } from '../../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../../text/reading.js';
import { commandPattern } from '../command.js';
import { entriesIn, fieldText } from '../json/words.js';

const row =
  /^(?:\d+: )?(inet6?) (\S{1,15}) ((?:(?:forwarding|rp_filter|mc_forwarding|proxy_neigh|ignore_routes_with_linkdown|input) (?:on|off|strict|loose|unknown) ?)+)\s*$/;

/** The parameter behind each word; what may not be set is not a parameter. */
const parameters: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  inet: {
    forwarding: 'forwarding',
    rp_filter: 'rp_filter',
    mc_forwarding: 'mc_forwarding',
    proxy_neigh: 'proxy_arp',
    ignore_routes_with_linkdown: 'ignore_routes_with_linkdown',
  },
  inet6: {
    forwarding: 'forwarding',
    mc_forwarding: 'mc_forwarding',
    proxy_neigh: 'proxy_ndp',
    ignore_routes_with_linkdown: 'ignore_routes_with_linkdown',
  },
};
const values: Readonly<Record<string, number | undefined>> = { off: 0, on: 1, strict: 1, loose: 2 };

export const ipNetconf: Format = {
  id: 'ip-netconf',
  title: 'parameters of devices (ip netconf)',
  commands: [commandPattern('ip', 'netconf', 4)],
  fileNames: [/^ip[-_ .]netconf/i],
  line: (text) => (text.length < 300 && row.test(text) ? 'opens' : null),
  parse,
};

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: Sysctl[] = [];
  for (const line of reading.lines) {
    const settings = line.text.length < 300 ? settingsOf(section, line) : null;
    if (settings === null) takeFailure(reading, line);
    else {
      rows.push(...settings);
      claim(reading, line, 'modelled');
    }
  }
  return closeReading(reading, rows.length === 0 ? [] : [{ kind: 'sysctls', rows, complete: false }]);
}

function settingsOf(section: Section, line: Line): readonly Sysctl[] | null {
  const found = row.exec(line.text);
  if (found === null) return null;
  const [, family = '', dev = '', text = ''] = found;
  const words = text.trim().split(/\s+/);
  const span = lineSpan(section, line);
  return words.flatMap((word, at) => (at % 2 === 0 ? settingOf(span, family, dev, word, words[at + 1] ?? '') : []));
}

function settingOf(span: Span, family: string, dev: string, word: string, text: string): readonly Sysctl[] {
  const name = parameters[family]?.[word];
  const value = values[text];
  if (name === undefined || value === undefined) return [];
  return [{ span, key: `net/${family === 'inet' ? 'ipv4' : 'ipv6'}/conf/${dev}/${name}`, value: String(value) }];
}

/** One object of `ip -j netconf`, which has truth values where the text has `on` and `off`. */
export function settingsOfObject(object: YamlValue): readonly Sysctl[] {
  const family = fieldText(object, 'family') ?? '';
  const dev = fieldText(object, 'interface') ?? '';
  return entriesIn(object).flatMap(({ key, value }) => {
    const text = value.kind === 'scalar' && typeof value.value === 'boolean' ? onOrOff[Number(value.value)] : null;
    return settingOf(value.span, family, dev, key, text ?? fieldText(object, key) ?? '');
  });
}

const onOrOff = ['off', 'on'];
