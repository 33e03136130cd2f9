/** Findings that somebody has looked at and accepted: hidden, counted, and back when the entry runs out. */
import type { Finding } from '../finding.js';

/** One entry of what was looked at and accepted. */
export interface Suppression {
  readonly rule: string;
  /** `*` stands for any run of characters. null: on every node, and findings of the whole cluster. */
  readonly node: string | null;
  /** As `analyze --json` shows it; `*` stands for any run of characters. null: every subject. */
  readonly subject: string | null;
  readonly reason: string;
  /** Milliseconds since the epoch after which it counts no more; null: never. */
  readonly expires: number | null;
  /** Where it is written, for messages: `.coldtrace.yaml:3:5`. */
  readonly place: string;
}

/** A finding that is not shown, and by what. */
export interface HiddenFinding {
  readonly finding: Finding;
  /** null: a baseline holds it. */
  readonly suppression: Suppression | null;
}

/** What is left of the findings. */
export interface Shown {
  readonly findings: readonly Finding[];
  readonly hidden: readonly HiddenFinding[];
  readonly expired: readonly Suppression[];
  /** Entries that hide nothing any more. */
  readonly unused: readonly Suppression[];
}

/** What was accepted, and the time it is judged by. */
export interface HideOptions {
  readonly suppressions: readonly Suppression[];
  /** Fingerprints of findings that are known. */
  readonly baseline: ReadonlySet<string>;
  /** Milliseconds since the epoch; null: not known, and no entry runs out. */
  readonly now: number | null;
}

/** Parts findings into those to show and those that are accepted, by an entry of the configuration or an earlier run. */
export function hideFindings(findings: readonly Finding[], { suppressions, baseline, now }: HideOptions): Shown {
  const expired = suppressions.filter(({ expires }) => expires !== null && now !== null && now > expires);
  const live = suppressions.filter((entry) => !expired.includes(entry));
  const used = new Set<Suppression>();
  const shown: Finding[] = [];
  const hidden: HiddenFinding[] = [];
  for (const finding of findings) {
    const suppression = live.find((entry) => covers(entry, finding)) ?? null;
    if (suppression !== null) used.add(suppression);
    if (suppression !== null || baseline.has(finding.fingerprint)) hidden.push({ finding, suppression });
    else shown.push(finding);
  }
  return { findings: shown, hidden, expired, unused: live.filter((entry) => !used.has(entry)) };
}

function covers({ rule, node, subject }: Suppression, finding: Finding): boolean {
  return (
    rule === finding.rule &&
    (node === null || (finding.node !== null && fits(node, finding.node))) &&
    (subject === null || fits(subject, finding.subject))
  );
}

/** Parts between stars must follow each other; linear, whatever the pattern. */
function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
