/** The problems of a component's configuration as diagnostics: `inspect` shows what a validation found even where no rule asks about it. */
import type { Diagnostic, Facts } from '@coldtrace/core';
import { kubeConfigCode } from './codes.js';

/** What is no YAML, its reader has said already; what a log states is the program's own message. */
export function configDiagnostics(values: readonly Facts[]): readonly Diagnostic[] {
  return values.flatMap((facts) =>
    facts.kind !== 'component-configs'
      ? []
      : facts.rows
          .filter(({ origin }) => origin !== 'log')
          .flatMap(({ component, problems }) =>
            problems
              .filter(({ kind }) => kind !== 'syntax')
              .map(({ span, message }) => kubeConfigCode('problem', span, { component, message })),
          ),
  );
}
