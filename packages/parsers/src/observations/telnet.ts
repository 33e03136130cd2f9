/** telnet(1) of inetutils, netkit and busybox. */
import type { Format, LineVerdict } from '../format.js';
import { type AttemptTool, readAttempts, type Step } from './attempt.js';
import { outcomeOf } from './outcome.js';
import { operands, targetOf } from './target.js';

function step(text: string): Step | null {
  const line = text.trim();
  const trying = /^Trying (\S{1,255}?)\.\.\.$/.exec(line);
  if (trying?.[1] !== undefined) return { begins: true, target: targetOf(trying[1], null) };
  const connected = /^Connected to (\S{1,255}?)\.?$/.exec(line);
  if (connected?.[1] !== undefined) return { begins: true, outcome: 'answered', target: targetOf(connected[1], null) };
  if (line.startsWith('Escape character is ')) return {};
  if (/^(?:Connection closed by foreign host\.?|telnet> .*|Connection closed\.)$/.test(line)) return { ends: true };
  const failed =
    /^telnet: (?:connect to address (\S{1,64})|Unable to connect to remote host|can't connect to remote host(?: \((\S{1,64})\))?): (.*)$/.exec(
      line,
    );
  if (failed !== null) {
    const host = failed[1] ?? failed[2];
    const ended: Step = { ends: true, outcome: outcomeOf(failed[3] ?? '') };
    return host === undefined ? ended : { ...ended, target: targetOf(host, null) };
  }
  if (line.startsWith('telnet: ')) return { ends: true, outcome: outcomeOf(line) };
  return null;
}

function verdictOf(text: string): LineVerdict {
  if (text.startsWith('telnet: ')) return 'opens';
  if (/^Trying [0-9A-Fa-f:.]{3,64}\.\.\.\r?$/.test(text)) return 'opens';
  if (/^Connected to \S{1,255}\r?$/.test(text)) return 'opens';
  return /^(?:Escape character is |Connection closed by foreign host)/.test(text) ? 'continues' : null;
}

const tool: AttemptTool = {
  tool: 'telnet',
  step,
  body: true,
  targetOfCommand: (words) => {
    const at = words.findIndex((word) => word === 'telnet' || word.endsWith('/telnet'));
    const [host, port] = operands(words.slice(Math.max(at, 0)), new Set(['-l', '-b', '-e', '-n']));
    return host === undefined
      ? null
      : { ...targetOf(host, port ?? null), target: port === undefined ? host : `${host} ${port}` };
  },
};

export const telnetFormat: Format = {
  id: 'telnet',
  title: 'a telnet attempt',
  commands: [/^(?:\S*\/)?(?:busybox\s+)?telnet(?:\s|$)/, /\stelnet\s+\S+\s+\d+\s*$/],
  fileNames: [/^telnet/],
  line: verdictOf,
  parse: (section) => readAttempts(section, tool),
};
