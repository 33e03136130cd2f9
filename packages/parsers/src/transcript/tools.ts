/** Commands that people run when they look into the network of a node, and the one nearest to a misspelt name. */
import { wordSet } from '../text/word-set.js';

const tools = wordSet(`
  iptables ip6tables iptables-save ip6tables-save iptables-legacy ip6tables-legacy iptables-nft
  ip6tables-nft iptables-legacy-save iptables-nft-save ip6tables-legacy-save ip6tables-nft-save
  iptables-restore ip6tables-restore iptables-xml ebtables arptables nft ipset ip bridge tc ss sysctl
  netstat route ifconfig arp arping arp-scan brctl ethtool conntrack ipvsadm openssl bpftool kubectl calicoctl
  cilium oc k3s crictl ctr docker podman nerdctl etcdctl helm kubeadm hostname hostnamectl date
  timedatectl uname uptime lsmod modprobe ps top free df lsof cat less more head tail grep egrep sed
  awk ls find wc echo cd pwd vi vim rm curl wget ping ping6 telnet nc ncat traceroute tracepath mtr
  dig nslookup host nmap tcpdump tshark vnstat systemctl service journalctl dmesg ssh scp sudo su
  nsenter unshare bash sh exit logout export source for while watch time timeout lspci lscpu nmcli
  networkctl resolvectl strace chroot cp mv mkdir touch chmod kill reboot iperf iperf3 python python3
  jq yum apt apt-get dnf id whoami who w env stat getent wg birdcl calico-node flanneld clear xargs
  sort tee test which type ufw firewall-cmd update-alternatives minikube vagrant microk8s
  ansible pssh parallel-ssh pdsh clush dshbak salt
`);

/** Longer names only: one edit away from `ss` or `ip` is half the language. */
const mendable = [...tools].filter((tool) => tool.length >= 5);

export function isTool(word: string): boolean {
  return tools.has(baseName(word));
}

/** The known tool that a word names, or the only one that is one edit away; null when there is none. */
export function nearestTool(word: string): string | null {
  if (isTool(word)) return word;
  if (word.length < 5 || word.length > 30 || !/^[a-z0-9-]+$/.test(word)) return null;
  const near = mendable.filter((tool) => oneEdit(word, tool));
  return near.length === 1 ? (near[0] ?? null) : null;
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

/** One letter too many, too few, wrong, or two that changed places. */
function oneEdit(left: string, right: string): boolean {
  if (Math.abs(left.length - right.length) > 1 || left === right) return false;
  let head = 0;
  while (head < left.length && left[head] === right[head]) head++;
  const rest = (text: string, skip: number) => text.slice(head + skip);
  if (left.length > right.length) return rest(left, 1) === rest(right, 0);
  if (left.length < right.length) return rest(left, 0) === rest(right, 1);
  if (rest(left, 1) === rest(right, 1)) return true;
  return left[head] === right[head + 1] && left[head + 1] === right[head] && rest(left, 2) === rest(right, 2);
}
