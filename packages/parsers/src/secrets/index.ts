/** Secrets are recognised here and never reach a parser. */
export { findSecrets } from './find.js';
export { redactSecrets } from './redact.js';
export type { Secret } from './secret.js';
