"""What the node does with packets, from outside and from behind its last rules: peers' frames and log messages. packet(7), nfnetlink_log.h."""
import socket
import struct

from netlink import Nfnetlink, attribute, attributes, messages

GROUP = 7
ETH_P_ALL = 3
CONFIG = (4 << 8) | 1
PACKET_OUTGOING = 4
# What the node sends without a process is an answer or a copy that TEE made, which has its own priority from there on and leaves unseen; one that comes back
# over lo may be copied once more and no further, as that may go on without end.
# The node's own ICMP errors may be cut up, which a copy may not: that tells one of somebody else's error from an own address. Whose an address is the list of
# them tells, where a policy rule stands before table local.
# Behind everything that iptables or conntrack does, and in front of it for what the node itself says in answer. What VXLAN sends is no answer.
CHAINS = '''
table inet referee {
  set own4 {
    type ipv4_addr
  }
  set own6 {
    type ipv6_addr
  }
  chain said {
    log prefix "answer" group 7
    drop
  }
  chain answers {
    type filter hook output priority -1000
    meta skuid >= 0 accept
    meta priority 07ee:07ee meta priority set 07ee:07ef accept
    udp dport { 4789, 8472 } accept
    icmpv6 type { 130, 131, 132, 133, 134, 135, 136, 137, 143 } drop
    ip protocol igmp drop
    meta l4proto != { tcp, icmp, icmpv6 } meta priority set 07ee:07ee accept
    meta l4proto tcp tcp flags & rst == 0 meta priority set 07ee:07ee accept
    icmp type { echo-request, echo-reply } meta priority set 07ee:07ee accept
    icmpv6 type { echo-request, echo-reply } meta priority set 07ee:07ee accept
    ip protocol icmp ip frag-off & 0x4000 != 0 meta priority set 07ee:07ee accept
    ip saddr @own4 goto said
    ip6 saddr @own6 goto said
    meta l4proto != tcp fib saddr type != { local, anycast } meta priority set 07ee:07ee accept
    goto said
  }
  chain arrived {
    type filter hook input priority 2147483647
    meta priority 07ee:07ee drop
    log prefix "local" group 7
    drop
  }
  chain leaving {
    type filter hook postrouting priority 2147483647
    meta priority 07ee:07ee oifname "lo" accept
    meta priority { 07ee:07ee, 07ee:07ef } drop
    log prefix "out" group 7
  }
}
'''


def own_addresses(shown):
    """Fills the sets of CHAINS. `shown`: what `ip -j addr` prints."""
    lines = []
    for device in shown:
        for one in device.get('addr_info', []):
            lines.append(f"add element inet referee own{6 if one['family'] == 'inet6' else 4} {{ {one['local']} }}")
    return '\n'.join(lines)


class Logs:
    """Opened in the node's namespace, after CHAINS are loaded."""

    def __init__(self):
        self.netlink = Nfnetlink()
        self.netlink.command(CONFIG, 0, GROUP, attribute(1, struct.pack('!B', 1)))
        self.netlink.command(CONFIG, 0, GROUP, attribute(2, struct.pack('!IBB', 0xFFFF, 2, 0)))
        self.netlink.command(CONFIG, 0, GROUP, attribute(5, struct.pack('!I', 1)))
        self.netlink.socket.setblocking(False)

    def close(self):
        self.netlink.close()

    def read(self):
        found = []
        while True:
            try:
                data = self.netlink.socket.recv(1 << 20)
            except BlockingIOError:
                return found
            for kind, payload in messages(data):
                if kind == 4 << 8:
                    found.append(self.message(payload[4:]))

    @staticmethod
    def message(body):
        entry = {'at': '', 'mark': 0, 'in': None, 'out': None, 'packet': ''}
        devices = {4: 'in', 5: 'out', 6: 'physin', 7: 'physout'}
        for kind, value in attributes(body):
            if kind == 2:
                entry['mark'] = struct.unpack('!I', value)[0]
            elif kind in devices:
                index = struct.unpack('!I', value)[0]
                entry[devices[kind]] = socket.if_indextoname(index) if index else None
            elif kind == 9:
                entry['packet'] = value.hex()
            elif kind == 10:
                entry['at'] = value[:-1].decode()
        return entry


class Peer:
    """The far end of one of the node's cables."""

    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((name, ETH_P_ALL))
        self.socket.setblocking(False)

    def close(self):
        self.socket.close()

    def send(self, frame):
        self.socket.send(frame)

    def read(self):
        frames = []
        while True:
            try:
                data, address = self.socket.recvfrom(1 << 17)
            except BlockingIOError:
                return frames
            if address[2] != PACKET_OUTGOING:
                frames.append({'port': self.name, 'frame': data.hex()})


class Sentinel:
    """A cable of our own: all frames of one processor wait in one queue, so behind ours everything before it is done."""

    FRAME = b'\xff' * 6 + b'\x02\0\0\0\0\1' + b'\x88\xb5' + b'\0' * 46

    def __init__(self):
        self.sender = Peer('sync0')
        self.receiver = Peer('sync1')
        self.receiver.socket.settimeout(2)

    def close(self):
        self.sender.close()
        self.receiver.close()

    def wait(self):
        for _ in range(3):
            self.sender.send(self.FRAME)
            while self.receiver.socket.recv(2048)[12:14] != b'\x88\xb5':
                pass
