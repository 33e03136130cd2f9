/** The public surface of @coldtrace/rules. */
export * from './analyze.js';
export * from './captured-at.js';
export * from './define-rule.js';
export * from './finding.js';
export { rules } from './rules.js';
export * from './suppress/suppression.js';
export * from './who/who.js';
