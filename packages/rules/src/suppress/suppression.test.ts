/** What is hidden, what is back, and what hides nothing. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../finding.js';
import { fingerprintOf } from '../fingerprint.js';
import { hideFindings, type Suppression } from './suppression.js';

const finding = (rule: string, node: string | null, subject: string): Finding => ({
  rule,
  severity: 'error',
  certainty: 'proven',
  fingerprint: fingerprintOf(rule, node, subject),
  node,
  subject,
  message: `${rule} ${subject}`,
  data: {},
  evidence: [],
  assumptions: [],
  path: [],
  fix: null,
  symptoms: [],
});

const entry = (given: Partial<Suppression>): Suppression => ({
  rule: 'mtu-too-large',
  node: null,
  subject: null,
  reason: 'known',
  expires: null,
  place: '.coldtrace.yaml:2:5',
  ...given,
});

const march = Date.UTC(2026, 2, 1);
const known = finding('mtu-too-large', 'worker-1', 'cni0 1500');

describe('an entry hides', () => {
  it.each<[string, Partial<Suppression>, boolean]>([
    ['every finding of its rule', {}, true],
    ['findings on its node', { node: 'worker-1' }, true],
    ['none on another node', { node: 'worker-2' }, false],
    ['findings on nodes by a star', { node: 'work*-1' }, true],
    ['none on nodes that the star does not reach', { node: 'master-*' }, false],
    ['its subject', { subject: 'cni0 1500' }, true],
    ['no other subject', { subject: 'cni0' }, false],
    ['subjects by a star', { subject: 'cni* 15*' }, true],
    ['no more than the star allows', { subject: '*1500*0' }, false],
    ['nothing of another rule', { rule: 'mtu' }, false],
    ['until it runs out', { expires: march + 1 }, true],
    ['nothing once it ran out', { expires: march - 1 }, false],
  ])('%s', (_sentence, given, hides) => {
    const shown = hideFindings([known], { suppressions: [entry(given)], baseline: new Set(), now: march });
    expect(shown.hidden.length === 1).toBe(hides);
    expect(shown.findings.length === 0).toBe(hides);
  });

  it('and is reported when it ran out, or hides nothing', () => {
    const old = entry({ expires: march - 1 });
    const idle = entry({ node: 'gone' });
    const shown = hideFindings([known], { suppressions: [old, idle], baseline: new Set(), now: march });
    expect([shown.expired, shown.unused]).toEqual([[old], [idle]]);
  });

  it('without a clock, whatever its date', () => {
    const shown = hideFindings([known], { suppressions: [entry({ expires: 0 })], baseline: new Set(), now: null });
    expect(shown.findings).toEqual([]);
  });
});

describe('a baseline hides', () => {
  it('what it knows by fingerprint, and nothing else', () => {
    const other = finding('mtu-too-large', 'worker-2', 'cni0 1500');
    const shown = hideFindings([known, other], {
      suppressions: [],
      baseline: new Set([known.fingerprint]),
      now: march,
    });
    expect(shown.findings).toEqual([other]);
    expect(shown.hidden).toEqual([{ finding: known, suppression: null }]);
  });
});
