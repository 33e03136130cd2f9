/** Which directory describes which machine: a directory whose children each hold dumps is a cluster, one child per node. */
import { wordSet } from '../text/word-set.js';
import { looksLikeMachine, within } from './file-names.js';

/** Folders into which collectors sort the outputs of one machine: sosreport, rancher, EKS, calicoctl, cilium, a copied root. */
const sortingFolders = wordSet(`
  networking network net systeminfo systemlogs sos_commands sos_reports sos_logs sysctls sysctl proc
  sys etc var run usr opt root home tmp kernel kubelet cni cmd conf system diagnostics logs log
  journald modinfo docker containerd containers crio crictl ipvs iptables firewall firewall_tables
  firewalld host conntrack ipset nftables routes route ip certs pki tls k3s rke rke2 kubeadm etcd
  flannel calico namespaces netns storage versions dumps outputs commands files info misc hardware
  processes process mods-check ipamd ebpf bridge data ssl manifests net.d sysctl.d systemd sysconfig
  rancher
`);

interface Folder {
  readonly path: string;
  readonly children: Map<string, Folder>;
  /** Names of the files directly in it that show a machine. */
  readonly names: Set<string>;
  /** How many these are. */
  direct: number;
  /** The same in the whole tree below it. */
  total: number;
}

export interface Layout {
  /** The folder that describes the machine to which a file belongs. */
  readonly folderOf: (path: string) => string;
  /** True for a child of a cluster: its name is the layout's word for the node. */
  readonly isMember: (folder: string) => boolean;
}

/**
 * `paths`: the files that show a machine; `given`: folders or files that the caller named as nodes; `roots`: folders that hold an input of
 * their own, each of which has its own layout.
 */
export function readLayout(paths: readonly string[], given: readonly string[], roots: readonly string[] = []): Layout {
  const trees = new Map(['', ...roots].map((root) => [root, folder(root)]));
  const top = new Set(roots);
  for (const path of paths) {
    const root = nearest(top, path);
    const tree = trees.get(root);
    if (tree !== undefined) add(tree, root === '' ? path : path.slice(root.length + 1));
  }
  const members = new Set<string>();
  const nodes = new Set<string>(given);
  for (const tree of trees.values()) {
    // Whatever lies in a folder that the caller named describes that one machine.
    if (tree.total > 0 && !given.includes(tree.path)) settle(tree, nodes, members, false);
  }
  return {
    folderOf: (path) => nearest(nodes, path),
    isMember: (path) => members.has(path),
  };
}

function folder(path: string): Folder {
  return { path, children: new Map(), names: new Set(), direct: 0, total: 0 };
}

function add(root: Folder, path: string): void {
  const parts = path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .slice(0, 64);
  let at = root;
  at.total++;
  for (const part of parts.slice(0, -1)) {
    let child = at.children.get(part);
    if (child === undefined) {
      child = folder(at.path === '' ? part : `${at.path}/${part}`);
      at.children.set(part, child);
    }
    at = child;
    at.total++;
  }
  at.direct++;
  at.names.add(parts.at(-1) ?? '');
}

function settle(at: Folder, nodes: Set<string>, members: Set<string>, member: boolean): void {
  const children = [...at.children.entries()].filter(([, child]) => child.total > 0);
  const [first] = children;
  const sorted =
    isRancher(at) || sortsByOutput(at) || children.some(([name]) => sortingFolders.has(name.toLowerCase()));
  if (at.direct > 0 || sorted || first === undefined) {
    nodes.add(at.path);
    if (member) members.add(at.path);
    // `nodes/NAME/…` beside other folders: calicoctl, troubleshoot's host-collectors.
    const machines = machinesBeside(children);
    for (const [name, child] of children)
      if (machines.has(name)) settleMember(child, nodes, members);
      else if (listsNodes(name) || holdsMachines(name, child)) settle(child, nodes, members, false);
    return;
  }
  if (children.length === 1 && !listsNodes(lastPart(at.path))) {
    settle(first[1], nodes, members, member);
    return;
  }
  for (const [, child] of children) settleMember(child, nodes, members);
}

/** The data directory of k3s and RKE2, copied bare: what its server and its agent keep lies side by side, and is of one machine. */
function isRancher({ children }: Folder): boolean {
  const server = children.get('server');
  const known = [...children.keys()].every((name) => name === 'server' || name === 'agent');
  return known && server?.direct === 0 && [...server.children.keys()].every((name) => rancherServer.has(name));
}

/** `ip-addr/node-1.txt`, `crictl-pods/node-1.txt`: the folders are called after outputs, and the files, all alike, after the one machine. */
function sortsByOutput({ children }: Folder): boolean {
  const stems = new Set<string>();
  for (const [folder, { names, children: inner }] of children) {
    if (inner.size > 0 || looksLikeMachine(folder)) return false;
    for (const name of names) stems.add(name.replace(within, '').replace(/\.[a-z]+$/i, ''));
  }
  const [stem] = stems;
  return stems.size === 1 && stem !== undefined && looksLikeMachine(stem);
}

const rancherServer = wordSet('tls manifests cred db etc static logs');

/** A member of a cluster keeps its own name, however deep its dumps lie. */
function settleMember(child: Folder, nodes: Set<string>, members: Set<string>): void {
  if (listsNodes(lastPart(child.path))) {
    settle(child, nodes, members, false);
    return;
  }
  nodes.add(child.path);
  members.add(child.path);
}

function listsNodes(name: string): boolean {
  return name === 'nodes' || name === 'host-collectors' || name === 'hosts';
}

/** `dumps/NAME/ip-addr.txt` beside the like of others: one machine has each output once. */
function holdsMachines(name: string, { direct, children }: Folder): boolean {
  if (direct > 0 || !plainFolders.has(name.toLowerCase())) return false;
  const seen = new Set<string>();
  for (const { names } of children.values()) {
    for (const one of names) if (seen.has(one)) return true;
    for (const one of names) seen.add(one);
  }
  return false;
}

/** `node-1/subnet.env` beside `node-2/subnet.env` and a file of all: folders called as machines are, with outputs that one machine has once. */
function machinesBeside(children: readonly (readonly [string, Folder])[]): ReadonlySet<string> {
  const named = children.filter(([name]) => looksLikeMachine(name) && !sortingFolders.has(name.toLowerCase()));
  const held = new Map<string, number>();
  for (const [, { names }] of named) for (const name of names) held.set(name, (held.get(name) ?? 0) + 1);
  const alike = [...held.values()].some((count) => count > 1);
  return new Set(alike ? named.map(([name]) => name) : []);
}

/** Called after nothing that they hold. */
const plainFolders = wordSet('dumps outputs commands files info');

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The longest of the folders above a file, or the file itself where it was named; the top when there is none. */
function nearest(folders: ReadonlySet<string>, path: string): string {
  const parts = path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .slice(0, 64);
  for (let count = parts.length; count > 0; count--) {
    const folderPath = parts.slice(0, count).join('/');
    if (folders.has(folderPath)) return folderPath;
  }
  return '';
}
