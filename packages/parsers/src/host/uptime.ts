/** Output of uptime(1), and the first line of w(1) and top(1): understood, says nothing about packets. */
import type { Format } from '../format.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';

const uptime = /^(?:top -)? ?\d\d:\d\d:\d\d up [^\n]{1,120}load averages?: /;

export const uptimeFormat: Format = {
  id: 'uptime',
  title: 'time since boot and load',
  commands: [/^(?:\S*\/)?uptime\b/],
  fileNames: [/^uptime(?:\.(?:txt|md|log))?$/i],
  line: (text) => (isUptime(text) ? 'opens' : null),
  parse: (section) => {
    const reading = openReading(section);
    for (const line of reading.lines) {
      if (isUptime(line.text) || line.text.startsWith('up ')) claim(reading, line, 'inert');
      else takeFailure(reading, line);
    }
    return closeReading(reading, []);
  },
};

function isUptime(text: string): boolean {
  return text.length < 300 && uptime.test(text);
}
