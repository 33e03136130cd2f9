/** In which namespace a command was typed, as far as the text tells. */
import type { NetNs, Node, Snapshot, Span } from '@coldtrace/core';

export interface Observer {
  readonly node: Node;
  readonly ns: NetNs;
  readonly command: string;
}

/** Commands that run another one in a namespace of its own. */
const elsewhere = /\b(?:exec|nsenter|docker\s+run|kubectl\s+run|kubectl\s+debug|ssh)\b/;

export function clientOf({ nodes, read }: Snapshot, span: Span): Observer | null {
  const section = read[span.file]?.sections.find((one) => one.span.start <= span.start && span.start < one.span.end);
  const node = nodes.find(({ name }) => name === section?.node);
  if (section === undefined || node === undefined) return null;
  const command = section.command ?? '';
  if (section.netns === null) return elsewhere.test(command) ? null : { node, ns: node.host, command };
  const ns = node.namespaces.find(({ name }) => name === section.netns);
  return ns === undefined ? null : { node, ns, command };
}
