/** How many cases draw what: the words of rules, sets, routes and parameters, and the fields of probes. What is not in the list, no run has asked the kernel. */
import type { Case, Line } from './case.js';

export function coverage(cases: readonly Case[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const one of cases) {
    const words = new Set([...one.setup.flatMap(wordsOf), ...one.probes.flatMap(fieldsOf)]);
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([word, count]) => `${String(count).padStart(5)} ${word}`);
}

function wordsOf({ tool, table, text }: Line): readonly string[] {
  const words = text.split(' ');
  switch (tool) {
    case 'legacy':
    case 'nft':
      return [`table ${table}`, ...ruleWords(text)];
    case 'sysctl':
      return [`sysctl ${(words[0] ?? '').replace(/\/(conf|neigh)\/[^/]+\//, '/$1/*/')}`];
    case 'ipset':
      return words[0] === 'create'
        ? words
            .slice(2)
            .filter(isName)
            .map((word) => `set ${word}`)
        : [];
    default: {
      const command = `${tool} ${words.slice(0, 2).join(' ')}`;
      return [
        command,
        ...words
          .slice(2)
          .filter(isName)
          .map((word) => `${command} … ${word}`),
      ];
    }
  }
}

function ruleWords(text: string): readonly string[] {
  const named = [...text.matchAll(/ (-[mjg]) (\S+)/g)].map(([, how, name]) => `${how} ${name}`);
  const options = [...text.matchAll(/ ((?:! )?--?[a-z][a-z0-9-]*)/g)].map(([, option]) => `option ${option}`);
  return [...named.filter((word) => !/^-[jg] [A-Z]{4}-/.test(word)), ...options];
}

const isName = (word: string): boolean => /^[a-z_]+(?:[:,][a-z,]+)?$/.test(word);

function fieldsOf(probe: Case['probes'][number]): readonly string[] {
  return [
    ...Object.keys(probe).map((field) => `probe ${probe.kind} ${field}`),
    `probe of protocol ${probe.proto ?? 'none'}`,
  ];
}
