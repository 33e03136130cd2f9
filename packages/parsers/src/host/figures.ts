/** What captures of a machine hold besides its network: hardware, memory, mounts, name resolution. Known, and without bearing on packets. */
import type { Format } from '../format.js';
import { plainListing } from '../text/plain-listing.js';

const copy = (name: string) => new RegExp(`^${name}(?:\\.(?:txt|md|log))?$`, 'i');
const print = (path: string) => new RegExp(`^(?:cat|less|more)\\s+(?:\\S+\\s+)*${path}(?:\\s|$)`);

export const figureFormats: readonly Format[] = [
  plainListing({
    id: 'os-release',
    title: 'name of the distribution',
    commands: [print('/(?:etc|usr/lib)/\\S*release'), /^lsb_release\b/],
    fileNames: [copy('(?:os|lsb|system|redhat|centos|rocky|fedora)-release'), copy('lsb_release.*')],
    opens:
      /^(?:PRETTY_NAME|VERSION_CODENAME|VERSION_ID|BUG_REPORT_URL|CPE_NAME|DISTRIB_(?:ID|RELEASE|DESCRIPTION))=|^Distributor ID:\t/,
    fits: /^[A-Z][A-Z_0-9]{1,40}=|^(?:Description|Release|Codename|No LSB modules)[:\s]/,
    whole: true,
  }),
  plainListing({
    id: 'short-answer',
    title: 'names of files, counts, states of services',
    commands: [
      /^(?:\S*\/)?(?:ls|pwd|wc|which|whereis|type|md5sum|sha256sum)\b/,
      /^[ef]?grep\s+(?:-\w+\s+)*-\w*c/,
      /^(?:\S*\/)?hostname\s+-[IAi]/,
      /^systemctl\s(?:.*\s)?is-(?:active|enabled|failed)\b/,
      /^(?:\S*\/)?(?:docker|podman|nerdctl|containerd|runc|crio|helm|etcd|flanneld|dockerd)\s(?:.*\s)?(?:version|--version|-v)(?:\s|$)/,
      /^(?:\S*\/)?calicoctl\s(?:.*\s)?(?:node\s+status|ipam\s+(?:show|check)|version)\b/,
    ],
    fileNames: [],
    opens: /(?!)/,
    fits: /(?!)/,
    whole: true,
  }),
  plainListing({
    id: 'service-state',
    title: 'state of a service (systemctl status)',
    commands: [/^(?:\S*\/)?systemctl\s(?:.*\s)?status\b/, /^(?:\S*\/)?service\s\S+\s+status\b/],
    fileNames: [/^systemctl[-_]status/],
    opens: /^[●○×↻] \S+\.(?:service|socket|timer|target)\b/,
    fits: /^ {1,12}(?:Loaded|Drop-In|Active|Process|Main PID|Docs|Tasks|Memory|CPU|CGroup|Status|Triggered ?By|TriggeredBy|Invocation|IO|IP): |^ {5,24}(?:├─|└─|│ )|^Hint: Some lines were ellipsized/,
  }),
  plainListing({
    id: 'container-networks',
    title: 'networks of docker (docker network inspect, docker network ls)',
    commands: [/^(?:\S*\/)?(?:docker|podman|nerdctl)\s+network\s+(?:inspect|ls|list)\b/],
    fileNames: [/^docker[-_]network/i],
    opens: /^NETWORK ID +NAME +DRIVER +SCOPE/,
    fits: /^[0-9a-f]{12} +\S+ +(?:bridge|host|null|overlay|macvlan|ipvlan) +(?:local|swarm|global)/,
    state: 'opaque',
    whole: true,
  }),
  plainListing({
    id: 'module-info',
    title: 'a kernel module and its parameters (modinfo)',
    commands: [/^(?:\S*\/)?modinfo\b/],
    fileNames: [copy('modinfo.*')],
    opens: /^filename: {2,}\/\S+\.ko(?:\.\w+)?$/,
    fits: /^(?:description|author|license|srcversion|alias|depends|retpoline|intree|name|vermagic|parm|version|softdep|signer|sig_id|sig_key|sig_hashalgo|signature|firmware|import_ns|rhelversion): {2,}|^\t\t[0-9A-F:]+$/,
    whole: true,
  }),
  plainListing({
    id: 'kubeadm-certificates',
    title: 'when the certificates of a control plane expire (kubeadm certs check-expiration)',
    commands: [/^(?:\S*\/)?kubeadm\s(?:.*\s)?certs\s+check-expiration\b/],
    fileNames: [copy('kubeadm[-_].*expiration.*')],
    opens: /^CERTIFICATE(?: AUTHORITY)? +EXPIRES +RESIDUAL TIME /,
    fits: /^\[check-expiration\] |^!?[a-z][\w.-]* +[A-Z][a-z]{2} \d\d, \d{4} \d\d:\d\d [A-Z]{3,4} +\S+ /,
    state: 'opaque',
    whole: true,
  }),
  plainListing({
    id: 'path-probe',
    title: 'traceroute, tracepath, mtr',
    commands: [/^(?:\S*\/)?(?:traceroute6?|tracepath6?|mtr|nmap)\b/],
    fileNames: [copy('(?:traceroute|tracepath|mtr).*')],
    opens: /^traceroute to \S+ \(|^HOST: \S+ +Loss%/,
    fits: /^ {0,2}\d{1,2}[?:.|]{0,2} {1,3}\S/,
    whole: true,
  }),
  plainListing({
    id: 'name-resolution',
    title: 'name servers and names of hosts',
    commands: [
      print('/etc/(?:resolv\\.conf|hosts|nsswitch\\.conf|host\\.conf)'),
      /^resolvectl\b/,
      /^systemd-resolve\b/,
    ],
    fileNames: [copy('(?:resolv\\.conf|hosts|nsswitch\\.conf|host\\.conf)')],
    paths: [/(?:^|\/)etc\/hosts$/],
    opens:
      /^nameserver\s+[0-9a-f:.]{2,45}(?:%\S+)?\s*$|^(?:127\.0\.0\.1|::1)\s+localhost\b|^search(?:\s+[\w.-]+\.[\w-]+){1,8}\s*$/,
    fits: /^(?:options|domain|sortlist|search|nameserver)\s|^[#;]|^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}::?[0-9a-f:]{0,36})\s+[A-Za-z][\w.-]*(?:\s+[A-Za-z][\w.-]*)*\s*(?:#.*)?$/,
    whole: true,
  }),
  plainListing({
    id: 'network-counters',
    title: 'counters of protocols, as nstat and netstat -s show them',
    notes: refusedForTimestamps,
    commands: [
      /^(?:\S*\/)?nstat\b/,
      /^(?:\S*\/)?netstat\s.*-\w*s/,
      /^(?:\S*\/)?rtacct\b/,
      /^(?:\S*\/)?ip\s.*\bntable\b/,
      /^(?:\S*\/)?ip\s(?:-\S+\s)*stats\b/,
    ],
    fileNames: [
      /^nstat(?:[-_].*)?$/i,
      /^netstat[-_.]*(?:-s|statistics|_s)(?:[-_.].*)?$/i,
      /^netstatistics$/,
      /^ip[-_.]+(?:\S+_)?(?:ntable|stats)(?:[-_.].*)?$/,
    ],
    opens:
      /^#(?:kernel|\d+\.\d+ sampling)|^(?:IpExt|TcpExt|IcmpMsg|MPTcpExt|UdpLite6?|Udp6|Icmp6|Ip6):$|^(?:inet|inet6) (?:arp|ndisc)_cache\s*$|^\d+: \S{1,15}: group (?:link|offload|xstats|xstats_slave|afstats)\b/,
    fits: /^(?:Ip|Icmp|Tcp|Udp|Sctp):$|^(?:Ip|Icmp|Tcp|Udp|Sctp|MPTcp)[A-Za-z0-9]+\s+\d+\s+\d+\.\d+\s*$|^ {4}(?:\d+ [a-z]|\S[\w ]*: ?-?\d|[A-Z][a-z ]*:$|(?:dev|thresh\d|refcnt|gc_stale|app_probes|anycast_delay) |[RT]X: |\d+(?: +\d+){3,7}\s*$)|^ {8}(?:[a-z][\w ,-]*: \d+|[IO]\w+: \d+)/,
    whole: true,
  }),
  plainListing({
    id: 'machine-figures',
    title: 'processors, memory, disks, mounts',
    commands: [
      /^(?:\S*\/)?(?:lscpu|free|df|mount|findmnt|lsblk|vmstat|iostat|mpstat|sar|dmidecode|lspci|lsusb|lsns|top|htop|id|whoami|who|w|env|printenv|ulimit|timedatectl|chronyc|locale|getenforce|sestatus|numactl)\b/,
      print(
        '/proc/(?:meminfo|cpuinfo|cmdline|mounts|loadavg|uptime|stat|vmstat|interrupts|softirqs|slabinfo|swaps|partitions|filesystems)',
      ),
      print('/etc/(?:fstab|machine-id|timezone|passwd|group)'),
    ],
    fileNames: [
      copy(
        '(?:lscpu|top(?:[-_].*)?|free(?:[-_].*)?|df(?:[-_].*)?|mount|mounts|findmnt|lsblk.*|vmstat.*|meminfo|cpuinfo|cmdline|dmidecode|lspci.*|lsns|interrupts|softirqs|slabinfo|loadavg|fstab|machine-id|timezone|timedatectl|proc-cmdline|ulimit.*|sestatus.*)',
      ),
    ],
    opens:
      /^top - \d\d:\d\d:\d\d up |^MemTotal:\s+\d+ kB$|^Architecture:\s+(?:x86_64|aarch64|ppc64le|s390x|armv7l|i686)$|^\s+total\s+used\s+free\s+shared\s+buff\/cache|^Filesystem\s+(?:Type\s+)?(?:1K-blocks|Size|Inodes|1024-blocks)\s|^processor\t: \d+$|^BOOT_IMAGE=|^uid=\d+\([\w.-]+\) gid=\d+|^\s+NS TYPE\s+NPROCS\s+PID USER|^\S+ on \/\S* type [a-z][\w.]* \((?:rw|ro)\b/,
    fits: /^(?:Mem|Swap|Total): +\d|^Tasks:\s+\d+ total|^%Cpu\(s\): |^[MKG]iB (?:Mem|Swap) ?:|^\s*PID USER\s+PR\s+NI\s|^\s*\d+ \S+\s+(?:rt|-?\d+)\s+-?\d+\s+\S+\s+\S+\s+\S+ [A-Z] |^[A-Z]\w{2,20}(?:\(\w+\))?:\s+\d+(?: kB)?$|^[a-z][a-z_ ]{1,20}\t+: |^(?:tmpfs|devtmpfs|overlay|shm|\/dev\/\S+|\S+)\s.*\d+% \//,
    whole: true,
  }),
];

/** SYNs that tcp_tw_recycle dropped, which is all that counts here: LINUX_MIB_PAWSPASSIVEREJECTED in net/ipv4/tcp_ipv4.c before Linux 4.12. */
function refusedForTimestamps(text: string) {
  const count =
    /^\s*(?:(\d{1,19}) passive connections rejected because of time ?stamp|TcpExtPAWSPassive\s+(\d{1,19})\b)/.exec(
      text,
    );
  const number = count?.[1] ?? count?.[2];
  return number === undefined
    ? null
    : { component: 'kernel', event: 'syns-refused-for-timestamps', data: { count: number } };
}
