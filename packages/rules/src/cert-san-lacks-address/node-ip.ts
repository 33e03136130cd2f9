/** Whether the address that a node of k3s goes by is pinned: `node-ip` in the configuration, on the command line, or among the kubelet's arguments. */
import type { DumpId, Evidence, Node, YamlValue } from '@coldtrace/core';
import { commandLineKnown, configKnown, optionsNamed } from '../facts/k3s.js';

export type Pin =
  | { readonly kind: 'pinned'; readonly address: string; readonly evidence: Evidence }
  | { readonly kind: 'free' }
  /** Dumps that would tell. */
  | { readonly kind: 'unknown'; readonly needs: readonly DumpId[] };

export function pinOf(node: Node | null): Pin {
  if (node === null) return { kind: 'unknown', needs: ['k3s-config', 'k3s-unit'] };
  const pinned = [...optionPins(node), ...argumentPins(node), ...kubeletPins(node)][0];
  if (pinned !== undefined) return pinned;
  const needs = optionDumps(node);
  return needs.length === 0 ? { kind: 'free' } : { kind: 'unknown', needs };
}

/** What is missing to know every option of k3s on the node. */
export function optionDumps(node: Node): readonly DumpId[] {
  return [
    ...(configKnown(node) ? [] : ['k3s-config' as const]),
    ...(commandLineKnown(node) ? [] : ['k3s-unit' as const]),
  ];
}

const why = 'the address is pinned here';

function pin(address: string, span: Evidence['span']): readonly Pin[] {
  return [{ kind: 'pinned', address: address.split(',')[0]?.trim() ?? address, evidence: { span, why } }];
}

function optionPins(node: Node): readonly Pin[] {
  const options = [...optionsNamed(node, 'node-ip'), ...node.settings.filter(({ key }) => key === 'K3S_NODE_IP')];
  return options.flatMap(({ value, span }) => pin(value, span));
}

function argumentPins(node: Node): readonly Pin[] {
  return optionsNamed(node, 'kubelet-arg').flatMap(({ value, span }) => {
    const address = /^(?:--)?node-ip=(.+)$/.exec(value)?.[1];
    return address === undefined ? [] : pin(address, span);
  });
}

function kubeletPins({ configs }: Node): readonly Pin[] {
  return configs.flatMap(({ component, body }) => {
    const value = component === 'kubelet' ? scalarAt(body, 'node-ip') : null;
    return value === null ? [] : pin(value.text, value.span);
  });
}

function scalarAt(body: YamlValue, key: string): Extract<YamlValue, { readonly kind: 'scalar' }> | null {
  const value = body.kind === 'map' ? body.entries.find((entry) => entry.key === key)?.value : undefined;
  return value?.kind === 'scalar' ? value : null;
}
