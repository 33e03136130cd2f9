/** What a table of worlds cannot say: the corrected text, and how sure the rule is of what. */
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze.js';
import { cases } from './cases.js';

const first = (name: string) => {
  const found = cases.bad.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return analyze(found.snapshot).findings[0];
};

describe('the corrected ConfigMap', () => {
  it('is the captured one with the one field put right, and has no mistake left', () => {
    const fix = first('a misspelt field whose value would not fit either')?.fix;
    const command = fix?.steps[0]?.command ?? '';
    expect(command).toContain('masqueradeAll: true');
    const [, yaml = ''] = /<<'EOF'\n([\s\S]*)\nEOF$/.exec(command) ?? [];
    const mended = parseSnapshot({ 'edge/hostname': 'edge\n', 'objects/kube-proxy.yaml': yaml });
    expect(mended.nodes.flatMap((node) => node.configs.flatMap((config) => config.problems))).toEqual([]);
    expect(analyze(mended).findings).toEqual([]);
  });
});

describe('how sure it is', () => {
  it.each([
    ['a misspelt field of a ConfigMap under a lenient version', 'warning', 'proven'],
    ['a misspelt field whose value would not fit either', 'warning', 'likely'],
    ['a misspelt field under a strict version', 'error', 'proven'],
    ['nodes on both sides of the change', 'error', 'likely'],
    ['a wrong type in the file of a node', 'error', 'proven'],
    ['only the log tells', 'warning', 'likely'],
  ])('%s: %s, %s', (name, severity, certainty) => {
    expect(first(name)).toMatchObject({ severity, certainty });
  });
});
