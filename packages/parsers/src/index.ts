/** The public surface of @coldtrace/parsers. */
export { certificateFromX509Fields, type X509Fields } from './certificates/index.js';
export { type CodeFamily, codeFamilies } from './codes.js';
export type { Format, LineVerdict, Parsed, Section } from './format.js';
export { formats } from './formats.js';
export {
  printRoute,
  printRoutes,
  printRule as printPolicyRule,
  printRules as printPolicyRules,
} from './iproute/index.js';
export { printElement, printIpsetSave, printMember } from './ipset/index.js';
export { printIpvsSave } from './ipvs/index.js';
export { type Input, type ParseOptions, parseSnapshot } from './parse-snapshot.js';
export { findSecrets, redactSecrets, type Secret } from './secrets/index.js';
export { canonicalKey, dottedKey, printSysctl } from './sysctl/index.js';
export { type Applied, type ApplyOptions, applyText } from './what-if/index.js';
