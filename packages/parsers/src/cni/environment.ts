/** `subnet.env` and `/run/flannel/docker` as flanneld writes them, and EnvironmentFiles of units: `KEY=value` lines. */
import type { ComponentConfig, Facts, Setting } from '@coldtrace/core';
import type { Format, LineVerdict } from '../format.js';
import { configOfCommandLine } from '../kube-config/flags.js';
import { lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { wordsOf } from '../text/words.js';
import { settingsOfArguments } from './arguments.js';
import { type Assignment, assignmentOf } from './assignment.js';
import { lastOfContinued } from './continued.js';

const known =
  /^(?:export )?(?:FLANNEL_[A-Z0-9_]+|DOCKER_(?:OPT[A-Z_]*|NETWORK_OPTIONS|OPTIONS)|K3S_[A-Z_]+|RKE2_[A-Z_]+|KUBE_[A-Z_]+|KUBELET_[A-Z_]+|CALICO_[A-Z0-9_]+|FELIX_[A-Z0-9_]+|CNI_[A-Z_]+|ETCD_[A-Z_]+)=/;

function isKnownAssignment(text: string): boolean {
  return known.test(text.slice(0, 200));
}

function verdictOf(text: string): LineVerdict {
  if (isKnownAssignment(text)) return 'opens';
  return /^[A-Z][A-Z0-9_]{2,60}=\S*\s{0,4}$/.test(text.slice(0, 4000)) ? 'continues' : null;
}

export const environmentFormat: Format = {
  id: 'environment-file',
  title: 'environment file (flannel subnet.env, docker options)',
  commands: [
    /^cat\s+\S*(?:subnet\.env|\/run\/flannel\/docker|\/etc\/(?:default|sysconfig)\/|\/etc\/kubernetes\/(?:proxy|kubelet|config|kube-proxy)(?:\s|$)|\S\.env(?:\s|$))/,
  ],
  fileNames: [/\.env$/, /^docker$/, /^flanneld?$/],
  line: verdictOf,
  goesOn: isContinued,
  parse: (section) => {
    const reading = openReading(section);
    const rows: Setting[] = [];
    const configs: ComponentConfig[] = [];
    for (let at = 0; at < reading.lines.length; at++) {
      const line = reading.lines[at];
      if (line === undefined) break;
      const text = line.text.trimStart();
      if (text.startsWith('#') || text.startsWith(';')) {
        claim(reading, line, 'inert');
        continue;
      }
      if (assignmentOf(line) === null) {
        takeFailure(reading, line);
        continue;
      }
      const last = lastOfContinued(reading.lines, at);
      const whole = section.file.text
        .slice(line.start, last.end)
        .replace(/\\[ \t\r]*\n/g, (gap) => ' '.repeat(gap.length));
      const assignment = assignmentOf({ ...line, text: whole, end: last.end });
      if (assignment === null) continue;
      rows.push(...settingsOfAssignment(assignment, section.file.id, { ...lineSpan(section, line), end: last.end }));
      configs.push(...flagsIn(assignment, section.file.id));
      for (let each = line.index; each <= last.index; each++) claim(reading, reading.lines[each] ?? line, 'modelled');
      at = last.index;
    }
    const facts: Facts[] = [{ kind: 'settings', rows, complete: false }];
    if (configs.length > 0) facts.push({ kind: 'component-configs', rows: configs, complete: false });
    return closeReading(reading, facts);
  },
};

/** A backslash at the end of a value goes on in the next line, in units and in what they source. */
function isContinued(above: string): boolean {
  return /\\[ \t\r]*$/.test(above.slice(-200));
}

/** `KUBE_PROXY_ARGS="--proxy-mode=ipvs …"`: the flags that a unit hands on. */
function flagsIn({ key, value, valueStart }: Assignment, file: number): readonly ComponentConfig[] {
  const program = /^KUBE_?PROXY_/.test(key) ? 'kube-proxy' : /^KUBELET_/.test(key) ? 'kubelet' : null;
  if (program === null || !value.trimStart().startsWith('-')) return [];
  const config = configOfCommandLine(`${program} ${value}`, valueStart - program.length - 1, file);
  return config === null ? [] : [{ ...config, span: { ...config.span, start: valueStart } }];
}

/** The assignment itself, and each option of a value that holds a daemon's options (`DOCKER_OPT_BIP="--bip=172.30.24.1/24"`). */
export function settingsOfAssignment(one: Assignment, file: number, span: Setting['span']): readonly Setting[] {
  const source = one.key.startsWith('DOCKER_')
    ? 'docker'
    : /^FLANNEL_(?:IPV6_)?(?:NETWORK|SUBNET|MTU|IPMASQ)$/.test(one.key)
      ? 'subnet.env'
      : one.key.startsWith('FLANNEL')
        ? 'flanneld'
        : 'environment-file';
  const whole: Setting = { source, key: one.key, value: one.value, span };
  if (!one.value.trimStart().startsWith('-')) return [whole];
  const words = wordsOf({ text: one.value, start: one.valueStart }).map((word) => ({
    text: word.text,
    span: { file, start: word.start, end: word.end },
  }));
  return [whole, ...settingsOfArguments(source, words)];
}
