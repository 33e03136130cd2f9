/** What kube-proxy says of its configuration, its mode and the rules it writes. */
import { type LogEvent, logEvent as of } from './event.js';

export const kubeProxyEvents: readonly LogEvent[] = [
  of(
    'kube-proxy',
    'node-info-failed',
    'Failed to retrieve node info',
    /Failed to retrieve node info:? ?(?<reason>[^\n]{0,400})/,
  ),
  of(
    'kube-proxy',
    'unknown-field',
    'unknown field',
    /(?:unknown field \\?"(?<field>[\w.[\]]{1,200})\\?"|found unknown field: (?<name>[\w.]{1,200}))/g,
  ),
  of(
    'kube-proxy',
    'config-refused',
    'failed validate',
    /failed validate: (?<reason>(?:KubeProxyConfiguration\.)?(?<path>[\w.]{1,80}): (?:Invalid value|Required value|Unsupported value)[^\n]{0,400}?)"?$/,
  ),
  of(
    'kube-proxy',
    'config-refused',
    'failed complete',
    /failed complete: (?<reason>(?:yaml: |no kind "?KubeProxyConfiguration|couldn't get version\/kind|json: cannot unmarshal )[^\n]{0,400}?)"?$/,
  ),
  of(
    'kube-proxy',
    'config-refused',
    'KubeProxyConfiguration',
    /(?<reason>v1alpha1\.KubeProxyConfiguration[^\n]{0,200}?(?:Read\w{1,20}|decode \w{1,20}): (?!found unknown)[^\n]{1,400}?|json: cannot unmarshal [^\n]{1,80} KubeProxyConfiguration\.(?<path>[\w.]{1,80})[^\n]{1,200}?)"?$/,
  ),
  of(
    'kube-proxy',
    'config-refused',
    'no kind',
    /error loading config file [^\n]{1,300}?: (?<reason>no kind \\?"KubeProxyConfiguration[^\n]{1,300})/,
  ),
  of('kube-proxy', 'config-lenient', 'enient decoding as strict decoding failed'),
  of('kube-proxy', 'proxy-mode', ' Proxier', /Using (?<mode>iptables|ipvs|nftables|userspace) Proxier/i),
  of(
    'kube-proxy',
    'proxy-mode-assumed',
    'assuming iptables proxy',
    /proxy-mode=?\\?"(?<given>[^"\\\n]{0,40})\\?" unknown, assuming iptables proxy/,
  ),
  of('kube-proxy', 'ipvs-unusable', 'use ipvs proxier', /[Cc]an(?:'|no)t use ipvs proxier[^\n]{0,200}/),
  of('kube-proxy', 'no-cluster-cidr', 'unable to distinguish between internal and external traffic'),
  of('kube-proxy', 'no-cluster-cidr', 'but no cluster CIDR defined'),
  of(
    'kube-proxy',
    'iptables-restore-failed',
    'Failed to execute iptables-restore',
    /Failed to execute iptables-restore[:"]? ?(?<reason>[^\n]{0,400})/,
  ),
];
