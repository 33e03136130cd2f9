"""A process of the node that sends one packet from an unbound socket. socket(7), ip(7), ipv6(7), raw(7)."""
import ctypes
import errno
import socket
import struct

LIBC = ctypes.CDLL(None)
SO_MARK = 36
PEER_PORT = 4000
NETLINK_NETFILTER = 12
NLM_F_REQUEST = 1
NFQNL_MSG_CONFIG = 3 << 8 | 2
NFQNL_CFG_CMD_BIND = 1
NFQA_CFG_CMD = 1


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def opened(order):
    family = socket.AF_INET6 if order['family'] == 6 else socket.AF_INET
    proto = order['proto']
    kind = {6: socket.SOCK_STREAM, 17: socket.SOCK_DGRAM}.get(proto, socket.SOCK_RAW)
    # A socket belongs to whom the file system takes its maker for; that leaves the rights of root.
    uid = order.get('uid') or 0
    LIBC.setfsgid(uid)
    LIBC.setfsuid(uid)
    try:
        return socket.socket(family, kind, proto)
    finally:
        LIBC.setfsuid(0)
        LIBC.setfsgid(0)


def prepare(sender, order):
    six = order['family'] == 6
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if order.get('mark'):
        sender.setsockopt(socket.SOL_SOCKET, SO_MARK, order['mark'])
    if order.get('oif'):
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, order['oif'].encode())
    if order.get('broadcast'):
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    level = socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP
    if order.get('tos'):
        sender.setsockopt(level, 67 if six else socket.IP_TOS, order['tos'])
    # Unless told otherwise a socket sends with what the route says, and to groups with one hop, where a probe means as many as elsewhere.
    hops = order.get('ttl') or 64
    sender.setsockopt(level, 16 if six else socket.IP_TTL, hops)
    if order['proto'] != 6:
        sender.setsockopt(level, 18 if six else socket.IP_MULTICAST_TTL, hops)
    sender.setblocking(False)


def listener(family, proto, address, port, *more):
    """`transparent`: it may be bound to an address that is nobody's here. `both`: it takes IPv4 and IPv6. `%DEV`, `>ADDRESS`: bound to a device, and of a peer."""
    if proto == 'queue':
        return queue_listener(int(port))
    six = family == 6 or 'both' in more
    sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM if proto == 'tcp' else socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if six:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if 'both' in more else 1)
    if 'transparent' in more:
        sock.setsockopt(socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP, 75 if six else 19, 1)
    for word in more:
        if word[0] == '%':
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, word[1:].encode())
    sock.bind(('::' if six else '', int(port)) if address == '*' else (address, int(port)))
    for word in more:
        if word[0] == '>':
            sock.connect((word[1:], PEER_PORT))
    if proto == 'tcp':
        sock.listen(1)
    return sock


def queue_listener(number):
    """A program that takes packets of a queue and never decides about one. linux/netfilter/nfnetlink_queue.h."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    sock.bind((0, 0))
    command = struct.pack('!BBH', NFQNL_CFG_CMD_BIND, 0, 0)
    body = struct.pack('!BBH', 0, 0, number) + struct.pack('=HH', 4 + len(command), NFQA_CFG_CMD) + command
    sock.send(struct.pack('=IHHII', 16 + len(body), NFQNL_MSG_CONFIG, NLM_F_REQUEST, 0, 0) + body)
    return sock


def send(order):
    """The source that the socket got and the error that the process saw."""
    sender = opened(order)
    answer = {'errno': None, 'src': None}
    try:
        prepare(sender, order)
        proto = order['proto']
        wildcard = '::' if order['family'] == 6 else ''
        if proto in (6, 17):
            sender.bind((wildcard, order.get('sport') or 0))
        port = order.get('dport') or 0
        sender.connect((order['dst'], port if proto in (6, 17) else 0))
        answer['src'] = sender.getsockname()[0]
        if proto != 6 and not order.get('silent'):
            sender.send(bytes_of(order, answer['src']))
    except BlockingIOError:
        answer['src'] = sender.getsockname()[0]
    except OSError as error:
        answer['errno'] = errno.errorcode.get(error.errno, str(error.errno))
    finally:
        sender.close()
    return answer


def bytes_of(order, source):
    """With the checksum that only the chosen source settles, where there is room for it; the kernel writes those of UDP and ICMPv6."""
    data = bytes.fromhex(order.get('data') or '')
    if len(data) < 8:
        return data
    if order['proto'] == 1:
        return data[:2] + struct.pack('!H', checksum(data[:2] + b'\0\0' + data[4:])) + data[4:]
    if order['proto'] in (33, 136):
        family = socket.AF_INET6 if order['family'] == 6 else socket.AF_INET
        ends = socket.inet_pton(family, source.split('%')[0]) + socket.inet_pton(family, order['dst'])
        blank = data[:6] + b'\0\0' + data[8:]
        pseudo = ends + struct.pack('!IHBB', len(data), 0, 0, order['proto'])
        return data[:6] + struct.pack('!H', checksum(pseudo + blank)) + data[8:]
    return data
