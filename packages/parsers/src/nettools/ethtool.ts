/** Driver, offloads and link of a device as ethtool(8) shows them. */
import type { DeviceFeature, Facts } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { type Line, lineSpan } from '../text/lines.js';
import { addFailure, claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { nettoolsDiagnostic } from './codes.js';

const opening =
  /^(Features|Offload parameters|Settings|(?:Channel|Ring|Coalesce|Pause) parameters) for (\S{1,32}):\s*$/;
const feature =
  /^\s*((?:tx|rx|scatter|tcp|udp|generic|large|ntuple|receive|highdma|vlan|fcoe|loopback|l2|hw|esp|tls|macsec|hsr)[a-z0-9_-]*): (on|off)(?: \[([^\]]{1,60})\])?\s*$/;
const driver = /^(driver|version|firmware-version|expansion-rom-version|bus-info): ?(\S.*)?$/;
const supports = /^supports-(?:statistics|test|eeprom-access|register-dump|priv-flags): (?:yes|no)\s*$/;
const setting = /^\s*(Speed|Duplex|Auto-negotiation|Port|Link detected): (\S.*)$/;
const otherSetting =
  /^\s+(?:Support(?:ed|s) |Advertised |Link partner |PHYAD: |Transceiver: |MDI-X: |Current message level: |Wake-on: |drv |\d+base|Not reported|No data available)|^(?:Pre-set maximums|Current hardware settings):\s*$|^(?:RX|TX|Other|Combined|Autonegotiate)(?: \w+){0,2}:\s+(?:\d+|n\/a|on|off)\s*$/;
const statistics = /^(?:NIC statistics:\s*$|no stats available|\s{1,8}[\w[\]().: -]{1,80}: \d+\s*$)/;
/** Banners that collectors put before each device. */
const banner = /^(?:--- |Interface )([\w.@-]{1,15})\s*$/;
const failed = /^(?:netlink error: |Cannot get device |No data available)/;

export const ethtoolFormat: Format = {
  id: 'ethtool',
  title: 'driver and offloads of a device',
  commands: [/^(?:\S*\/)?ethtool?\b/],
  fileNames: [/^ethtool(?:[-_.].*)?$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 300) return null;
  if (opening.test(text) || supports.test(text) || /^NIC statistics:\s*$/.test(text)) return 'opens';
  if (feature.test(text) && /^\s*(?:tx|rx|generic|tcp|udp)-/.test(text)) return 'opens';
  const fits = [feature, driver, setting, otherSetting, statistics, failed].some((one) => one.test(text));
  return fits ? 'continues' : null;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: DeviceFeature[] = [];
  let dev = deviceOf(section.command) || deviceOfName(section.path);
  for (const line of reading.lines) {
    if (line.text.length > 300) continue;
    const named = opening.exec(line.text)?.[2] ?? banner.exec(line.text)?.[1];
    if (named !== undefined) {
      dev = named;
      claim(reading, line, 'inert');
    } else readLine(reading, line, dev, rows);
  }
  const [first] = rows;
  if (first !== undefined && rows.some((row) => row.dev === '')) {
    reading.diagnostics.push(nettoolsDiagnostic('device-not-shown', first.span));
  }
  return closeReading(reading, rows.length === 0 ? [] : [{ kind: 'features', rows, complete: false }]);
}

/** `ethtool [-i|-k] DEV`. */
function deviceOf(command: string | null): string {
  const words =
    (command ?? '')
      .split(/[|>;&]/, 1)[0]
      ?.trim()
      .split(/\s+/)
      .slice(1) ?? [];
  return words.find((word) => !word.startsWith('-')) ?? '';
}

/** sosreport names files after commands: `ethtool_-i_eth0`. */
function deviceOfName(path: string): string {
  const last = path.slice(path.lastIndexOf('/') + 1);
  return /^ethtool(?:_-[A-Za-z])?_([\w.@-]{1,15})$/.exec(last)?.[1] ?? '';
}

function readLine(reading: Reading, line: Line, dev: string, rows: DeviceFeature[]): void {
  const { text } = line;
  const span = lineSpan(reading.section, line);
  const on = feature.exec(text);
  const told = on === null ? (driver.exec(text) ?? setting.exec(text)) : null;
  if (on !== null) {
    const note = on[3] ?? '';
    rows.push({ span, dev, name: on[1] ?? '', value: on[2] ?? '', ...(note === 'fixed' ? { fixed: true } : {}) });
    claim(reading, line, 'modelled');
  } else if (told !== null) {
    rows.push({ span, dev, name: told[1] ?? '', value: (told[2] ?? '').trim() });
    claim(reading, line, 'modelled');
  } else if (failed.test(text) && !text.startsWith('No data')) {
    if (/offset \d+\)$/.test(text)) claim(reading, line, 'inert');
    else addFailure(reading, line, text.trim());
  } else if ([supports, otherSetting, statistics, failed].some((one) => one.test(text))) claim(reading, line, 'inert');
  else takeFailure(reading, line);
}
