/** Every family of diagnostics, sorted: what can be said about an input is exactly this. */
import type { CodeTable } from '@coldtrace/core';
import { assembleDiagnostic } from './assemble/codes.js';
import { certificateCode } from './certificates/codes.js';
import { settingsCode } from './cni/codes.js';
import { conntrackDiagnostic } from './conntrack/codes.js';
import { foreignDiagnostic } from './foreign/codes.js';
import { hostDiagnostic } from './host/codes.js';
import { report as iprouteDiagnostic } from './iproute/codes.js';
import { ipsetCodes } from './ipset/codes.js';
import { iptablesProblem } from './iptables/codes.js';
import { listingProblem } from './iptables/listing/codes.js';
import { ipvsDiagnostic } from './ipvs/codes.js';
import { kubeConfigCode } from './kube-config/codes.js';
import { kubernetesCode } from './kubernetes/codes.js';
import { nettoolsDiagnostic } from './nettools/codes.js';
import { observationCode } from './observations/codes.js';
import { procfsDiagnostic } from './procfs/codes.js';
import { socketsDiagnostic } from './sockets/codes.js';
import { sysctlDiagnostic } from './sysctl/codes.js';
import { transcriptDiagnostic } from './transcript/codes.js';
import { whatIfProblem } from './what-if/codes.js';
import { yamlCode } from './yaml/codes.js';

/** The codes that one part of the parsers can report; a diagnostic's code is `family/code`. */
export interface CodeFamily {
  readonly family: string;
  readonly table: CodeTable;
}

/** All families, as docs/diagnostics.md lists them. */
export const codeFamilies: readonly CodeFamily[] = [
  assembleDiagnostic,
  certificateCode,
  conntrackDiagnostic,
  foreignDiagnostic,
  hostDiagnostic,
  iprouteDiagnostic,
  ipsetCodes,
  iptablesProblem,
  listingProblem,
  ipvsDiagnostic,
  kubeConfigCode,
  kubernetesCode,
  nettoolsDiagnostic,
  observationCode,
  procfsDiagnostic,
  settingsCode,
  socketsDiagnostic,
  sysctlDiagnostic,
  transcriptDiagnostic,
  whatIfProblem,
  yamlCode,
];
