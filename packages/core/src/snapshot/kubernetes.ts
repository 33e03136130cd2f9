/** Kubernetes API objects, as far as diagnoses read them, plus configuration of kube-proxy and kubelet. */
import type { Ip } from '../inet/ip.js';
import type { Prefix } from '../inet/prefix.js';
import type { Span } from '../source/span.js';
import type { Row } from './dump.js';

/** A plain value of YAML or JSON with its place: keys keep their spans, so a finding can point at one field. */
export type YamlValue =
  | {
      readonly kind: 'scalar';
      readonly value: string | number | boolean | null;
      readonly text: string;
      readonly span: Span;
    }
  | { readonly kind: 'list'; readonly items: readonly YamlValue[]; readonly span: Span }
  | { readonly kind: 'map'; readonly entries: readonly YamlEntry[]; readonly span: Span };

/** One key of a map, with the place of the key itself. */
export interface YamlEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: YamlValue;
}

/** `metadata` of an object. */
export interface ObjectMeta {
  readonly name: string;
  /** null: an object of the whole cluster, or an output that does not show it. */
  readonly namespace: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface ApiObject extends Row {
  readonly meta: ObjectMeta;
}

/** Of a Node: `spec.podCIDRs`, `status.addresses`, the condition Ready. */
export interface KubeNode extends ApiObject {
  readonly kind: 'Node';
  readonly podCidrs: readonly Prefix[];
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
  /** null: not told. */
  readonly ready: boolean | null;
  readonly kubeletVersion: string | null;
  /** Other outputs that tell of it, where no single one tells all that is known. */
  readonly also?: readonly Span[];
}

/** Of a Pod: where it runs, and by which addresses it is reached. */
export interface KubePod extends ApiObject {
  readonly kind: 'Pod';
  /** null: not scheduled, or not shown. */
  readonly nodeName: string | null;
  readonly ips: readonly Ip[];
  /** null: a table or description does not show it. */
  readonly hostNetwork: boolean | null;
  /** `Running`, `Pending`, …; of a table the words of its column STATUS. */
  readonly phase: string | null;
  readonly ready: boolean | null;
  /** As the runtime knows them, without its name in front. */
  readonly containerIds: readonly string[];
}

/** One of `spec.ports`. */
export interface ServicePort {
  readonly name: string | null;
  /** `TCP`, `UDP` or `SCTP`. */
  readonly protocol: string;
  readonly port: number;
  /** Number or name of a container's port, as text; null: not shown. */
  readonly targetPort: string | null;
  readonly nodePort: number | null;
}

/** Of a Service: the addresses it is called by and the pods it selects. */
export interface KubeService extends ApiObject {
  readonly kind: 'Service';
  /** `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`. */
  readonly type: string;
  /** Empty for a headless Service. */
  readonly clusterIps: readonly Ip[];
  readonly externalIps: readonly Ip[];
  readonly ports: readonly ServicePort[];
  /** null: no selector, endpoints are kept by somebody else. */
  readonly selector: Readonly<Record<string, string>> | null;
  readonly externalTrafficPolicy: string | null;
  readonly internalTrafficPolicy: string | null;
  readonly sessionAffinity: string | null;
}

/** One address behind a Service. */
export interface KubeEndpoint {
  readonly ip: Ip;
  readonly ready: boolean;
  readonly nodeName: string | null;
  /** Name of the pod that it is; null: not told. */
  readonly target: string | null;
}

/** Who answers for a Service, as the API lists them. */
export interface KubeEndpoints extends ApiObject {
  readonly kind: 'Endpoints';
  /** Of an EndpointSlice (`IPv4`): an object of its own, beside or instead of Endpoints. */
  readonly addressType?: string;
  /** Name of the Service these belong to. */
  readonly service: string;
  readonly subsets: readonly {
    readonly endpoints: readonly KubeEndpoint[];
    readonly ports: readonly {
      readonly name: string | null;
      /** null: a table does not show it. */
      readonly protocol: string | null;
      readonly port: number | null;
    }[];
  }[];
  /** `+ 2 more...` in a table: there are endpoints that the input does not show. */
  readonly truncated: boolean;
}

/** Texts by their key, as they stand behind it, with their places. */
export interface KubeConfigMap extends ApiObject {
  readonly kind: 'ConfigMap';
  readonly data: readonly { readonly key: string; readonly text: string; readonly span: Span }[];
}

/** Of Calico's IPPool: from which addresses pods get theirs, and what becomes of what they send. */
export interface KubeIpPool extends ApiObject {
  readonly kind: 'IPPool';
  /** null: not understood. */
  readonly cidr: Prefix | null;
  /** `Always`, `CrossSubnet` or `Never`, as written; null: not shown. */
  readonly ipipMode: string | null;
  readonly vxlanMode: string | null;
  readonly natOutgoing: boolean | null;
  readonly disabled: boolean;
}

/** Any other kind (DaemonSet, NetworkPolicy, …): its values stay reachable by path. */
export interface KubeOther extends ApiObject {
  readonly kind: 'Other';
  readonly apiKind: string;
  readonly body: YamlValue;
}

/** What an API object is read as; `meta` and `span` are common to all. */
export type KubeObject = KubeNode | KubePod | KubeService | KubeEndpoints | KubeConfigMap | KubeIpPool | KubeOther;

/** A configuration file of a component, validated: problems are diagnostics with a place. */
export interface ComponentConfig extends Row {
  readonly component: 'kube-proxy' | 'kubelet';
  /** Where it came from: a file, a ConfigMap's key, flags of a command line. */
  readonly origin: 'file' | 'configmap' | 'flags' | 'log';
  readonly apiVersion: string | null;
  readonly body: YamlValue;
  readonly problems: readonly ConfigProblem[];
}

/** What a component would not take of its configuration, or take for something else. */
export interface ConfigProblem {
  readonly kind: 'unknown-field' | 'wrong-type' | 'bad-value' | 'duplicate-field' | 'syntax';
  /** Path of keys joined with `.`. */
  readonly path: string;
  readonly message: string;
  /** Nearest known key of an unknown one. */
  readonly nearest: string | null;
  /** What would be wrong with the value of an unknown field under its nearest name. */
  readonly underNearest?: string;
  readonly span: Span;
}
