/** For whoever writes rules: their cases, checked and rendered. */
export * from './check-rule.js';
export * from './render.js';
