/** Command lines of the daemons that make a pod network (flanneld, k3s, rke2, dockerd), wherever they stand: a prompt, a unit, a line of ps. */
import type { Facts, Setting } from '@coldtrace/core';
import type { Format } from '../format.js';
import { configOfCommandLine } from '../kube-config/flags.js';
import { claim, closeReading, openReading } from '../text/reading.js';
import { wordsOf } from '../text/words.js';
import { settingsOfArguments } from './arguments.js';

const programs: Readonly<Record<string, string>> = {
  flanneld: 'flanneld',
  k3s: 'k3s',
  'k3s-server': 'k3s',
  'k3s-agent': 'k3s',
  'kube-apiserver': 'kube-apiserver',
  rke2: 'rke2',
  dockerd: 'docker',
  'dockerd-current': 'docker',
  'docker-current': 'docker',
};

/** Options of such a command line as settings of their daemon; none for any other command. Offsets are those of the file. */
export function settingsOfCommandLine(text: string, start: number, file: number): readonly Setting[] {
  const words = wordsOf({ text, start });
  const at = words.findIndex((word, index) => programAt(word.text, words[index + 1]?.text) !== null);
  const source = programAt(words[at]?.text ?? '', words[at + 1]?.text);
  if (source === null) return [];
  return settingsOfArguments(
    source,
    words.slice(at + 1).map((word) => ({ text: word.text, span: { file, start: word.start, end: word.end } })),
  );
}

/** Before 1.12 the daemon was `docker daemon` or `docker -d`. */
function programAt(word: string, after: string | undefined): string | null {
  const old = (after === 'daemon' || after === '-d') && /(?:^|\/)docker$/.test(word.slice(-300));
  return old ? 'docker' : programOf(word);
}

/** The daemon that a word of a command line starts. */
export function programOf(word: string): string | null {
  if (word.length > 300) return null;
  const name = word.slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('=')) + 1);
  return Object.hasOwn(programs, name) ? (programs[name] ?? null) : null;
}

/** Everything that a daemon's command line settles, kube-proxy and kubelet included. */
export function factsOfCommandLine(text: string, start: number, file: number): readonly Facts[] {
  const config = configOfCommandLine(text, start, file);
  const settings = settingsOfCommandLine(text, start, file);
  const facts: Facts[] = [];
  if (config !== null) facts.push({ kind: 'component-configs', rows: [config], complete: false });
  if (settings.length > 0) facts.push({ kind: 'settings', rows: settings, complete: false });
  return facts;
}

const commandLine =
  /^\s{0,16}(?:[#$>]\s{1,4})?(?:sudo )?(?:\/[\w./-]{1,200}\/)?(?:flanneld|dockerd|(?:k3s|rke2) (?:server|agent))\s+--?[a-z]/;

export const daemonFlagsFormat: Format = {
  id: 'daemon-flags',
  title: 'command line of flanneld, k3s or dockerd',
  commands: [],
  fileNames: [],
  line: (text) => (commandLine.test(text.slice(0, 400)) ? 'opens' : null),
  parse: (section) => {
    const reading = openReading(section);
    const rows: Setting[] = [];
    for (const line of reading.lines) {
      const settings = commandLine.test(line.text.slice(0, 400))
        ? settingsOfCommandLine(line.text, line.start, section.file.id)
        : [];
      rows.push(...settings);
      if (settings.length > 0) claim(reading, line, 'modelled');
    }
    return closeReading(reading, [{ kind: 'settings', rows, complete: false }]);
  },
};
