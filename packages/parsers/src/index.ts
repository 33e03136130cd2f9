/** The public surface of @coldtrace/parsers. */
export type { Format, LineVerdict, Parsed, Section } from './format.js';
export { formats } from './formats.js';
export { printRoute, printRoutes, printRule, printRules } from './iproute/index.js';
export { printElement, printIpsetSave, printMember } from './ipset/index.js';
export { type Input, type ParseOptions, parseSnapshot } from './parse-snapshot.js';
export { canonicalKey, dottedKey, printSysctl } from './sysctl/index.js';
