/** The remedy: k3s is told the address, and issues the certificate anew when it starts; kubeadm issues it on demand. The daemons do it, so it cannot be simulated. */
import { fileOf, type Node, type Snapshot } from '@coldtrace/core';
import { type CertificateRole, kubeletPort } from '../facts/certificate-roles.js';
import { configKnown, type Distribution, distributionOf, mayBeK3s } from '../facts/k3s.js';
import type { Fix, FixStep } from '../finding.js';
import { type Dial, formal } from './dials.js';
import { hasAddress } from './judge.js';
import type { Pin } from './node-ip.js';
import { type OwnAddress, ownAddress } from './own-address.js';
import { componentAt } from './served.js';

/** null: whose server it is, only its owner knows. */
export function addressFix(
  snapshot: Snapshot,
  { address, port, node }: Dial,
  { pin, names }: { readonly pin: Pin; readonly names: readonly string[] },
): Fix | null {
  const distribution = node === null ? null : distributionOf(snapshot, node);
  if (port === kubeletPort) {
    if (!mayBeK3s(snapshot, node)) return kubeletFix(node?.name ?? null);
    return pinFix(snapshot, node, distribution ?? k3s, pin, ownAddress(node, address, names), address);
  }
  if (componentAt(port, address) !== 'the API server') return null;
  return node === null || distribution === null
    ? kubeadmFix(node?.name ?? null, address)
    : reissueFix(node, distribution, address, true);
}

const k3s: Distribution = {
  name: 'k3s',
  unit: 'k3s',
  config: '/etc/rancher/k3s/config.yaml',
  data: '/var/lib/rancher/k3s',
};

/** kubeadm's kubelets sign for themselves, with the node's name only; the cluster's authority gives them one with its addresses. */
function kubeletFix(node: string | null): Fix {
  return {
    steps: [
      {
        node,
        command:
          "grep -q serverTLSBootstrap /var/lib/kubelet/config.yaml || echo 'serverTLSBootstrap: true' >> /var/lib/kubelet/config.yaml",
        disrupts: 'nothing until the restart',
        undo: "sed -i '/serverTLSBootstrap/d' /var/lib/kubelet/config.yaml",
      },
      {
        node,
        command: 'systemctl restart kubelet',
        disrupts: 'the kubelet is away for some seconds; containers go on running',
        undo: 'none needed',
      },
      {
        node: null,
        command: 'kubectl get csr   # then: kubectl certificate approve NAME, for the one of this node',
        disrupts: 'nothing: it gives the kubelet its certificate',
        undo: 'kubectl delete csr NAME',
      },
    ],
    persist: 'Set serverTLSBootstrap in the kubelet-config ConfigMap too, from which new nodes are made.',
    notes: `Clients have to trust the authority of the cluster then (metrics-server: --kubelet-certificate-authority). ${simulated}`,
    verified: null,
  };
}

export function apiServerFix(snapshot: Snapshot, node: Node, { installer }: CertificateRole, address: string): Fix {
  const distribution = installer === 'kubeadm' ? null : distributionOf(snapshot, node);
  return distribution === null ? kubeadmFix(node.name, address) : reissueFix(node, distribution, address, false);
}

const simulated =
  'Not simulated: the daemon issues the certificate when it starts. What openssl x509 -text prints of a new one can be tried before (--apply, @file PATH), and a capture from afterwards be compared (coldtrace diff).';

function restart(node: string | null, { unit }: Distribution): FixStep {
  return {
    node,
    command: `systemctl restart ${unit}`,
    disrupts: 'the API server and the kubelet of this node are away for some seconds; containers go on running',
    undo: 'none needed; the former certificate comes back with the former options and another restart',
  };
}

function pinFix(
  snapshot: Snapshot,
  node: Node | null,
  distribution: Distribution,
  pin: Pin,
  { address, bridge }: OwnAddress,
  dialled: string,
): Fix {
  const name = node?.name ?? null;
  const done = pin.kind === 'pinned' && pin.address === address;
  const own = [address, ...ofOtherFamily(snapshot, address)].join(',');
  const stays =
    node !== null && hasAddress(node, address)
      ? ''
      : ` Make sure that ${address} is an address of the node that stays.`;
  const doubt =
    bridge === null
      ? stays
      : ` ${dialled} is the address of ${bridge}, which is no address to reach the node by: it was taken when ${distribution.name} started without another.${stays}`;
  return {
    steps: [
      ...(done ? [] : [setOption(snapshot, node, distribution, pin, `node-ip: ${own}`)]),
      restart(name, distribution),
      {
        node: name,
        command: `openssl s_client -connect ${address.includes(':') ? `[${address}]` : address}:${kubeletPort} </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName`,
        disrupts: 'nothing: it shows the certificate that is presented now',
        undo: 'none needed',
      },
    ],
    persist: `node-ip in ${distribution.config} lasts, and later restarts keep the address whatever the default route is. Give it to the installer too where nodes are installed from a script (INSTALL_K3S_EXEC="--node-ip=…").`,
    notes: `Without node-ip the address of the default route's interface is taken when ${distribution.name} starts, and the kubelet's certificate holds that one.${doubt} ${simulated}`,
    verified: null,
  };
}

/** A node of two families pins one address of each, or it comes back with one family only. */
function ofOtherFamily({ objects }: Snapshot, address: string): readonly string[] {
  const isIpv6 = (text: string) => text.includes(':');
  const internal = objects.flatMap((one) => {
    const own = one.kind === 'Node' ? one.addresses.filter(({ type }) => type === 'InternalIP') : [];
    return own.some((each) => formal(each.address) === address) ? own.map((each) => formal(each.address)) : [];
  });
  return internal.filter((one) => isIpv6(one) !== isIpv6(address)).slice(0, 1);
}

/** The whole file where it is known word for word, so that nothing of it is lost; else a line at its end. */
function setOption(snapshot: Snapshot, node: Node | null, { config }: Distribution, pin: Pin, line: string): FixStep {
  const disrupts = 'nothing until the restart';
  const row = node?.settings.find(({ source }) => source === 'k3s-config');
  const file = row === undefined ? undefined : fileOf(snapshot, row.span.file);
  const step = (command: string, undo: string): FixStep => ({ node: node?.name ?? null, command, disrupts, undo });
  if (pin.kind === 'pinned' && row?.span.file !== pin.evidence.span.file) {
    const [key = ''] = line.split(':');
    return step(
      `systemctl edit --full k3s   # put ${line.slice(key.length + 2)} where the unit pins ${key} to ${pin.address}`,
      'edit it back',
    );
  }
  if (file !== undefined && /config[\w.-]*\.ya?ml$/.test(file.name)) {
    const kept = file.text
      .split('\n')
      .filter((one) => !/^\s*["']?node-ip["']?\s*:/.test(one))
      .join('\n')
      .trimEnd();
    const text = `${kept === '' ? '' : `${kept}\n`}${line}`;
    return step(
      `cat > ${config} <<'EOF'\n${text}\nEOF`,
      `write the file back as it was captured: without the line ${line}`,
    );
  }
  if (node !== null && configKnown(node) && file === undefined)
    return step(
      `mkdir -p ${config.slice(0, config.lastIndexOf('/'))}; cat > ${config} <<'EOF'\n${line}\nEOF`,
      `rm ${config}`,
    );
  return step(`echo '${line}' >> ${config}`, `remove the line ${line} from ${config}`);
}

/** The first address of the Service range gets into it by itself; other addresses have to be asked for. */
function reissueFix(node: Node, distribution: Distribution, address: string, asked: boolean): Fix {
  const old = `${distribution.data}/server/tls/serving-kube-apiserver`;
  const folder = `${distribution.config}.d`;
  const ask: FixStep = {
    node: node.name,
    command: `mkdir -p ${folder}; cat > ${folder}/tls-san.yaml <<'EOF'\ntls-san+:\n- ${address}\nEOF`,
    disrupts: 'nothing until the restart',
    undo: `rm ${folder}/tls-san.yaml`,
  };
  return {
    steps: [
      ...(asked ? [ask] : []),
      {
        node: node.name,
        command: `mkdir -p /root/tls-before; mv ${old}.crt ${old}.key /root/tls-before/`,
        disrupts: 'nothing until the restart',
        undo: `mv /root/tls-before/serving-kube-apiserver.* ${distribution.data}/server/tls/`,
      },
      restart(node.name, distribution),
    ],
    persist: asked
      ? `tls-san lasts: ${distribution.name} issues its certificates with it from now on.`
      : `${distribution.name} issues the certificate with the first address of service-cidr; keep service-cidr in ${distribution.config} as the cluster was made.`,
    notes: simulated,
    verified: null,
  };
}

function kubeadmFix(node: string | null, address: string): Fix {
  return {
    steps: [
      {
        node,
        command:
          'mkdir -p /etc/kubernetes/pki-before; mv /etc/kubernetes/pki/apiserver.crt /etc/kubernetes/pki/apiserver.key /etc/kubernetes/pki-before/',
        disrupts: 'nothing yet: the API server keeps the certificate that it has loaded',
        undo: 'mv /etc/kubernetes/pki-before/apiserver.* /etc/kubernetes/pki/',
      },
      {
        node,
        command: `kubeadm init phase certs apiserver --apiserver-cert-extra-sans=${address}`,
        disrupts: 'nothing: it writes the two files',
        undo: 'mv /etc/kubernetes/pki-before/apiserver.* /etc/kubernetes/pki/',
      },
      {
        node,
        command: 'crictl rm -f $(crictl ps -q --name kube-apiserver)',
        disrupts: 'the API server of this node is away until the kubelet has started it again',
        undo: 'none needed',
      },
    ],
    persist: `Write ${address} to apiServer.certSANs of the kubeadm configuration too (kubectl -n kube-system edit configmap kubeadm-config), or the next renewal drops it.`,
    notes: `Give --service-cidr and --control-plane-endpoint again where the cluster was made with them: they are names in the certificate too. ${simulated}`,
    verified: null,
  };
}
