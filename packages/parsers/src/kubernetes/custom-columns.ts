/** `kubectl get -o custom-columns=HEADING:.path,…`: headings are anybody's words, the paths say what stands below them. */
import type { Column } from './columns.js';

/** What the tables of kubectl call the same field. */
const usual: Readonly<Record<string, string | undefined>> = {
  '.metadata.name': 'NAME',
  '.metadata.namespace': 'NAMESPACE',
  '.spec.clusterIP': 'CLUSTER-IP',
  '.spec.nodeName': 'NODE',
  '.spec.podCIDR': 'POD-CIDR',
  '.spec.podCIDRs': 'POD-CIDR',
  '.spec.podCIDRs[*]': 'POD-CIDR',
  '.status.addresses[?(@.type=="InternalIP")].address': 'INTERNAL-IP',
  ".status.addresses[?(@.type=='InternalIP')].address": 'INTERNAL-IP',
  '.status.nodeInfo.kubeletVersion': 'VERSION',
  '.status.phase': 'STATUS',
  '.status.podIP': 'IP',
};

/** The columns under the names that kubectl gives them; those of another command as they are. */
export function usuallyNamed(columns: readonly Column[], command: string | null): readonly Column[] {
  const paths = pathsOf(command);
  if (paths === null) return columns;
  return columns.map(({ name, start }) => ({ name: usual[paths.get(name) ?? ''] ?? name, start }));
}

function pathsOf(command: string | null): ReadonlyMap<string, string> | null {
  const given = /custom-columns=(.{1,2000})/.exec(command ?? '')?.[1];
  if (given === undefined) return null;
  const paths = new Map<string, string>();
  for (const [, heading = '', path = ''] of given.matchAll(
    /([^\s,:'"]{1,60}):((?:\[[^\]]{1,100}\]|[^\s,|'"\\]|\\.){1,200})/g,
  ))
    paths.set(heading, path.replace(/^\{|\}$/g, '').replace(/^(?=[a-z])/, '.'));
  return paths;
}
