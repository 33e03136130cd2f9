/** The public surface of @coldtrace/rules. */
export * from './analyze.js';
export * from './captured-at.js';
export {
  type ChangedConnection,
  type CompareOptions,
  type Comparison,
  compareSnapshots,
  type Told,
} from './compare/compare.js';
export type { Named } from './compare/connections.js';
export * from './define-rule.js';
export * from './finding.js';
export * from './owner/owner.js';
export * from './owner/route-owner.js';
export * from './owner/rule-owner.js';
export { rules } from './rules.js';
export * from './suppress/suppression.js';
export { type ApplyCommands, type Verification, verifyFixes } from './verify/verify-fix.js';
export * from './who/connection.js';
export * from './who/destination.js';
export type { ResolvedWho, WhoAnswer } from './who/end.js';
export { portHint } from './who/meant.js';
export * from './who/origin.js';
export { deviceTowards } from './who/towards.js';
