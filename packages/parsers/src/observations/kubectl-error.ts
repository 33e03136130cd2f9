/** What kubectl says when the apiserver does not answer (k8s.io/kubectl/pkg/cmd/util). */
import type { Format } from '../format.js';
import { type AttemptTool, readAttempts, type Step } from './attempt.js';
import { outcomeOf } from './outcome.js';
import { targetOf } from './target.js';

function step(text: string): Step | null {
  const line = text.trimEnd().slice(0, 2000);
  const refused = /^The connection to the server (\S{1,255}?)(?::(\d{1,5}))? was refused/.exec(line);
  if (refused?.[1] !== undefined)
    return { begins: true, ends: true, outcome: 'refused', target: targetOf(refused[1], refused[2] ?? null) };
  if (!line.startsWith('Unable to connect to the server: ')) return null;
  const to = /(?:dial tcp|https:\/\/|lookup) ?(\[[^\]\s]{2,60}\]|[\w.-]{1,253})(?::(\d{1,5}))?/.exec(line);
  const ended: Step = { begins: true, ends: true, outcome: outcomeOf(line) };
  return to?.[1] === undefined ? ended : { ...ended, target: targetOf(to[1], to[2] ?? null) };
}

const tool: AttemptTool = { tool: 'kubectl', step, body: false, targetOfCommand: () => null };

export const kubectlErrorFormat: Format = {
  id: 'kubectl-error',
  title: 'kubectl without an answer',
  commands: [],
  fileNames: [],
  line: (text) =>
    text.startsWith('The connection to the server ') || text.startsWith('Unable to connect to the server: ')
      ? step(text) === null
        ? null
        : 'opens'
      : null,
  parse: (section) => readAttempts(section, tool),
};
