/** What the API calls the kind of an object: Endpoints and EndpointSlice are read into one shape, and are two objects. */
import type { KubeObject } from '@coldtrace/core';

export function apiKindOf(object: KubeObject): string {
  if (object.kind === 'Other') return object.apiKind;
  return object.kind === 'Endpoints' && object.addressType !== undefined ? 'EndpointSlice' : object.kind;
}
