/** The Service addresses that a node holds itself, and what starts from one of them. */
import type { Node, Route } from '@coldtrace/core';
import { boundAddresses, serviceDevice } from '../facts/ipvs-services.js';
import type { Finding } from '../finding.js';

/** The symptom's way begins on the node with a Service address as its source, which IPVS then sends on. */
export function startsSo({ path }: Finding, node: Node): boolean {
  const own = path.filter((step) => step.node === node.name);
  const { host } = node;
  const bound = [...boundAddresses(host), ...host.routes.rows.filter(isBoundRoute)];
  return (
    own.some(({ stage }) => stage === 'ipvs') &&
    own.some(
      ({ stage, evidence }) =>
        stage === 'source selection' &&
        evidence.some(({ span }) => bound.some((row) => row.span.file === span.file && row.span.start === span.start)),
    )
  );
}

/** The kernel's own route of an address that kube-proxy bound. */
export function isBoundRoute({ type, nexthops, trust }: Route): boolean {
  return type === 'local' && trust !== 'claimed' && nexthops.some(({ dev }) => dev === serviceDevice);
}
