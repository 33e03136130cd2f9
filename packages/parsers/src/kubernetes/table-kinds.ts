/** Which kind of object a kubectl table lists: by the name's prefix, by its columns, by the command. k8s.io/kubernetes/pkg/printers/internalversion. */

/** Columns that tell the kind; the first line that fits counts. */
const byColumns: readonly (readonly [kind: string, columns: readonly string[]])[] = [
  ['DaemonSet', ['DESIRED', 'CURRENT', 'NODE-SELECTOR']],
  ['DaemonSet', ['DESIRED', 'CURRENT', 'NODE SELECTOR']],
  ['Deployment', ['DESIRED', 'CURRENT', 'UP-TO-DATE', 'AVAILABLE']],
  ['Deployment', ['UP-TO-DATE', 'AVAILABLE']],
  ['ReplicaSet', ['DESIRED', 'CURRENT', 'READY']],
  ['NetworkPolicy', ['POD-SELECTOR']],
  ['CronJob', ['SCHEDULE', 'SUSPEND']],
  ['Job', ['COMPLETIONS']],
  ['HorizontalPodAutoscaler', ['REFERENCE', 'TARGETS']],
  ['PodDisruptionBudget', ['ALLOWED DISRUPTIONS']],
  ['Ingress', ['HOSTS', 'ADDRESS']],
  ['IngressClass', ['CONTROLLER', 'PARAMETERS']],
  ['PersistentVolume', ['RECLAIM POLICY']],
  ['PersistentVolumeClaim', ['VOLUME', 'CAPACITY']],
  ['StorageClass', ['PROVISIONER']],
  ['Event', ['REASON', 'MESSAGE']],
  ['Lease', ['HOLDER']],
  ['ServiceAccount', ['SECRETS', 'AGE']],
  ['Secret', ['TYPE', 'DATA', 'AGE']],
  ['ConfigMap', ['DATA', 'AGE']],
  ['RoleBinding', ['ROLE', 'AGE']],
  ['APIService', ['SERVICE', 'AVAILABLE']],
  ['ValidatingWebhookConfiguration', ['WEBHOOKS', 'AGE']],
  ['ComponentStatus', ['MESSAGE', 'ERROR']],
  ['PriorityClass', ['GLOBAL-DEFAULT']],
  ['CertificateSigningRequest', ['SIGNERNAME', 'REQUESTOR']],
  ['StatefulSet', ['READY', 'AGE']],
  ['CiliumEndpoint', ['ENDPOINT ID']],
  ['CiliumEndpoint', ['SECURITY IDENTITY', 'ENDPOINT STATE']],
  ['CiliumNode', ['CILIUMINTERNALIP']],
];

/** Resource names as typed, with their short names. */
const byResource: readonly (readonly [kind: string, names: RegExp])[] = [
  ['Node', /^no(?:des?)?$/],
  ['Pod', /^po(?:ds?)?$/],
  ['Service', /^(?:svc|services?)$/],
  ['Endpoints', /^(?:ep|endpoints)$/],
  ['EndpointSlice', /^endpointslices?$/],
  ['ConfigMap', /^(?:cm|configmaps?)$/],
  ['Secret', /^secrets?$/],
  ['Namespace', /^(?:ns|namespaces?)$/],
  ['DaemonSet', /^(?:ds|daemonsets?)$/],
  ['Deployment', /^(?:deploy|deployments?)$/],
  ['ReplicaSet', /^(?:rs|replicasets?)$/],
  ['ReplicationController', /^(?:rc|replicationcontrollers?)$/],
  ['StatefulSet', /^(?:sts|statefulsets?)$/],
  ['NetworkPolicy', /^(?:netpol|networkpolic(?:y|ies))$/],
  ['GlobalNetworkPolicy', /^(?:gnp|globalnetworkpolic(?:y|ies))$/],
  ['ServiceAccount', /^(?:sa|serviceaccounts?)$/],
  ['CustomResourceDefinition', /^(?:crds?|customresourcedefinitions?)$/],
  ['ClusterRole', /^clusterroles?$/],
  ['ClusterRoleBinding', /^clusterrolebindings?$/],
  ['Role', /^roles?$/],
  ['RoleBinding', /^rolebindings?$/],
  ['Ingress', /^(?:ing|ingress(?:es)?)$/],
  ['Event', /^(?:ev|events?)$/],
  ['Job', /^jobs?$/],
  ['CronJob', /^(?:cj|cronjobs?)$/],
  ['IPPool', /^ippools?$/],
  ['FelixConfiguration', /^(?:felixconfigs?|felixconfigurations?)$/],
  ['BGPPeer', /^bgppeers?$/],
  ['BGPConfiguration', /^(?:bgpconfigs?|bgpconfigurations?)$/],
  ['HostEndpoint', /^(?:hep|hostendpoints?)$/],
  ['WorkloadEndpoint', /^(?:wep|workloadendpoints?)$/],
  ['IPAMBlock', /^ipamblocks?$/],
  ['BlockAffinity', /^blockaffinit(?:y|ies)$/],
];

/** The kind behind a resource as typed or as a name's prefix: `ds`, `daemonset.apps`, `ippools.crd.projectcalico.org`. */
export function kindOfResource(typed: string): string | null {
  const name = (typed.split('.')[0] ?? '').toLowerCase();
  return byResource.find(([, names]) => names.test(name))?.[0] ?? null;
}

export function kindOfColumns(headings: readonly string[]): string | null {
  return byColumns.find(([, columns]) => columns.every((name) => headings.includes(name)))?.[0] ?? null;
}

export interface Asked {
  /** null: several kinds, or not told. */
  readonly kind: string | null;
  readonly namespace: string | null;
  /** The only object that is asked for. */
  readonly name: string | null;
}

/** What a command asks for: `kubectl -n kube-system get ds`. */
export function askedBy(command: string | null): Asked {
  if (command === null) return { kind: null, namespace: null, name: null };
  // `grep -n` behind it is no namespace.
  const words = (command.slice(0, 1000).split('|', 1)[0] ?? '').split(/\s+/);
  const plain: string[] = [];
  let namespace: string | null = null;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const given = /^(?:-n=?|--namespace(?:=|$))(.*)$/.exec(word)?.[1];
    if (given !== undefined && !word.startsWith('--n=')) namespace = given === '' ? (words[++at] ?? null) : given;
    else if (/^(?:-[olLc]|--(?:output|selector|context|kubeconfig|sort-by|field-selector|cluster|server))$/.test(word))
      at++;
    else if (word !== '' && !word.startsWith('-')) plain.push(word);
  }
  const resource = plain[plain.indexOf('get') + 1] ?? '';
  const kind = plain.includes('get') && !resource.includes(',') ? kindOfResource(resource.split('/')[0] ?? '') : null;
  const [, ofKind] = resource.split('/');
  const names = plain.slice(plain.indexOf('get') + 2);
  const name = ofKind ?? (names.length === 1 ? names[0] : undefined) ?? null;
  return { kind, namespace, name: kind === null ? null : name };
}
