/** What the tests of IPVS dumps share. */
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { ipvsFormat } from './ipvs.js';

/** Throws where a line of the text is in no state. */
export function read(text: string, given: Parameters<typeof sectionOf>[1] = {}) {
  const section = sectionOf(text, given);
  const parsed = ipvsFormat.parse(section);
  if (!ledgerIsComplete(section, parsed)) throw new Error('a line is in no state');
  const facts = parsed.value.find((one) => one.kind === 'ipvs');
  const rows = facts?.kind === 'ipvs' ? facts.rows : [];
  const complete = facts?.kind === 'ipvs' ? facts.complete : null;
  return { section, parsed, rows, complete, codes: parsed.diagnostics.map((one) => one.code) };
}
