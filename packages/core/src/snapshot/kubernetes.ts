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

export interface YamlEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: YamlValue;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface ApiObject extends Row {
  readonly meta: ObjectMeta;
}

export interface KubeNode extends ApiObject {
  readonly kind: 'Node';
  readonly podCidrs: readonly Prefix[];
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
  readonly ready: boolean | null;
  readonly kubeletVersion: string | null;
  /** Other outputs that tell of it, where no single one tells all that is known. */
  readonly also?: readonly Span[];
}

export interface KubePod extends ApiObject {
  readonly kind: 'Pod';
  readonly nodeName: string | null;
  readonly ips: readonly Ip[];
  /** null: a table or description does not show it. */
  readonly hostNetwork: boolean | null;
  readonly phase: string | null;
  readonly ready: boolean | null;
  readonly containerIds: readonly string[];
}

export interface ServicePort {
  readonly name: string | null;
  readonly protocol: string;
  readonly port: number;
  readonly targetPort: string | null;
  readonly nodePort: number | null;
}

export interface KubeService extends ApiObject {
  readonly kind: 'Service';
  readonly type: string;
  readonly clusterIps: readonly Ip[];
  readonly externalIps: readonly Ip[];
  readonly ports: readonly ServicePort[];
  /** null: no selector, endpoints are kept by somebody else. */
  readonly selector: Readonly<Record<string, string>> | null;
  readonly externalTrafficPolicy: string | null;
  readonly internalTrafficPolicy: string | null;
  readonly sessionAffinity: string | null;
}

export interface KubeEndpoint {
  readonly ip: Ip;
  readonly ready: boolean;
  readonly nodeName: string | null;
  readonly target: string | null;
}

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

export interface KubeConfigMap extends ApiObject {
  readonly kind: 'ConfigMap';
  readonly data: readonly { readonly key: string; readonly text: string; readonly span: Span }[];
}

export interface KubeIpPool extends ApiObject {
  readonly kind: 'IPPool';
  readonly cidr: Prefix | null;
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
