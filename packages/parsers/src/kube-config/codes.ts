/** What can be said about a component's configuration as diagnostics: its problems, and what was mended to read it. */
import { defineCodes } from '@coldtrace/core';

export const kubeConfigCode = defineCodes('kube-config', {
  problem: { severity: 'warning', text: 'configuration of {component}: {message}' },
  'indentation-restored': {
    severity: 'info',
    text: 'the configuration has lost its indentation; "{key}" was read as a field of "{section}"',
    hint: 'what rests on this is at most likely; capture the file itself to be sure',
  },
  fragment: {
    severity: 'info',
    text: 'fields without the file around them; they were read as fields of "{section}" of kube-proxy',
  },
  'variable-open': {
    severity: 'info',
    text: 'what {variable} stands for on the command line of {component} was not captured: its flags are known in part',
    hint: 'capture the EnvironmentFile of the unit',
  },
  'no-configuration': { severity: 'info', text: 'this document is no configuration of kube-proxy or kubelet' },
});
