"""Builds nodes in network namespaces, sends packets at them and tells what the kernel did with each. veth(4), packet(7), raw(7).

`cases.json` holds a list of {"family", "setup": [command], "captures": {file: command}, "ports": [number], "fence": [name],
"before": [probe], "later": [command], "probes": [probe], "counts": [file]}. What is sent before the capture makes the connections that the dumps show;
"counts" are those that are captured anew before a probe when IPVS counts other connections by then. The namespace "node" has
eth0 and eth1; their other ends, without addresses, are held by this process. What arrives on the node is heard by raw sockets and meets
deaf ones, so that nobody answers. The first rules of raw OUTPUT, as many as "fence" says, drop the node's own ICMP: what they count is what it said.
"""
import ctypes
import errno
import json
import select
import socket
import struct
import subprocess

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
SO_MARK = 36
PACKET_OUTGOING = 4
WIRE_MAC = bytes.fromhex('020000000099')
DEVICES = ('eth0', 'eth1')
IPV6_HDRINCL = 36
IPV6_RECVPKTINFO = 49
IP_FREEBIND = 15
IPV6_FREEBIND = 78

ICMP = {4: 1, 6: 58}

libc = ctypes.CDLL(None, use_errno=True)


def enter(name):
    with open(f'/run/netns/{name}') as handle:
        if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'setns')


kept = []


def enter_new(name, command):
    """The former one of that name lives on: where IPVS still holds one of its devices, to take it down would wait for minutes."""
    run(f'ip netns del {name} 2>/dev/null; ip netns add {name}')
    kept.append(open(f'/run/netns/{name}'))
    enter(name)
    run(command)


def run(command, text=None, check=True):
    done = subprocess.run(['sh', '-c', command], input=text, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f'{done.stderr} of {command[-200:]}')
    return done.stdout


SILENCE = struct.pack('HBBI', 6, 0, 0, 0)  # classic BPF: keep nothing
SO_ATTACH_FILTER = 26
silence = ctypes.create_string_buffer(SILENCE)


def deafen(sock):
    """What arrives at the socket is gone without an answer."""
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack('HL', 1, ctypes.addressof(silence)))


def listeners(family, ports):
    held = []
    for port in ports:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            sock = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6, kind)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            deafen(sock)
            sock.bind(('', port))
            if kind == socket.SOCK_STREAM:
                sock.listen(1)
            held.append(sock)
    return held


def ears(family):
    """Raw sockets get a copy of all that is delivered here, as it is after every hook."""
    held = []
    for number in (socket.IPPROTO_TCP, socket.IPPROTO_UDP, ICMP[family], 132):
        sock = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6, socket.SOCK_RAW, number)
        if family == 6:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
        sock.setblocking(False)
        held.append(sock)
    return held


def is_error(family, kind):
    return kind in (3, 4, 5, 11, 12) if family == 4 else kind < 128


def hear(family, sock):
    data, more, _, sender = sock.recvmsg(65535, 256)
    if family == 4:
        body = data[(data[0] & 15) * 4:]
        src, dst = socket.inet_ntop(socket.AF_INET, data[12:16]), socket.inet_ntop(socket.AF_INET, data[16:20])
    else:
        body = data
        src, dst = sender[0].split('%')[0], socket.inet_ntop(socket.AF_INET6, more[0][2][:16])
    if sock.proto == ICMP[family]:
        return {'src': src, 'dst': dst, 'inner': said_inner(ICMP[family], body[8:])} if is_error(family, body[0]) else None
    sport, dport, seq = struct.unpack('!HHI', body[:8])
    return {'src': src, 'dst': dst, 'sport': sport, 'dport': dport, 'seq': seq}


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packed(family, text):
    return socket.inet_pton(socket.AF_INET if family == 4 else socket.AF_INET6, text)


CRC32C = []
for start in range(256):
    for _ in range(8):
        start = start >> 1 ^ (0x82f63b78 if start & 1 else 0)
    CRC32C.append(start)


def sctp(probe):
    """As it is given, with the checksum. RFC 9260."""
    given = bytes.fromhex(probe['frag_body'])
    crc = 0xffffffff
    for byte in given:
        crc = crc >> 8 ^ CRC32C[(crc ^ byte) & 255]
    return given[:8] + struct.pack('<I', crc ^ 0xffffffff) + given[12:]


def icmp_error(family, probe, src, dst):
    inner = {'family': family, 'tcp_flags': 'ACK', **probe['inner']}
    body = struct.pack('!BBHI', probe['icmp_type'], probe['icmp_code'], 0, 0) + packet(inner)[:28 if family == 4 else 60]
    pseudo = b'' if family == 4 else src + dst + struct.pack('!IHBB', len(body), 0, 0, 58)
    return body[:2] + struct.pack('!H', checksum(pseudo + body)) + body[4:]


def segment(family, probe, src, dst):
    if probe['proto'] == 'sctp':
        return 132, sctp(probe)
    if 'icmp_type' in probe:
        return ICMP[family], icmp_error(family, probe, src, dst)
    if 'esp' == probe['proto']:
        return 50, bytes(16)
    number = {'tcp': 6, 'udp': 17}[probe['proto']]
    ahead = (20 if family == 4 else 40) + (8 if number == 17 else 24 if 'SYN' in probe['tcp_flags'].split(',') else 20)
    data = bytes(max(0, probe.get('length', 0) - ahead))
    pseudo = lambda length: src + dst + (struct.pack('!BBH', 0, number, length) if family == 4 else struct.pack('!IHBB', length, 0, 0, number))
    if number == 6:
        flags = sum({'FIN': 1, 'SYN': 2, 'RST': 4, 'PSH': 8, 'ACK': 16, 'URG': 32}[one] for one in probe['tcp_flags'].split(','))
        options = b'\x02\x04\x05\xb4' if flags & 2 else b''
        head = struct.pack('!HHIIBBHHH', probe['sport'], probe['dport'], probe.get('seq', 1), probe.get('ack', 1) if flags & 16 else 0, (5 + len(options) // 4) << 4, flags, 64240, 0, 0) + options
        check = checksum(pseudo(len(head + data)) + head + data)
        return number, head[:16] + struct.pack('!H', check) + head[18:] + data
    length = 8 + len(data)
    head = struct.pack('!HHHH', probe['sport'], probe['dport'], length, 0)
    return number, head[:6] + struct.pack('!H', checksum(pseudo(length) + head + data) or 0xffff) + data


def is_piece(probe):
    return 'mf' in probe or 'frag_off' in probe


def piece(probe):
    """One fragment of a packet, with the header that IPv6 puts before it."""
    number, data = {'tcp': 6, 'udp': 17}[probe['proto']], bytes.fromhex(probe['frag_body'])
    if probe['family'] == 4:
        return number, data
    return 44, struct.pack('!BBHI', number, 0, probe.get('frag_off', 0) << 3 | bool(probe.get('mf')), probe['sport']) + data


def packet(probe):
    family = probe['family']
    src, dst = packed(family, probe['src']), packed(family, probe['dst'])
    number, body = piece(probe) if is_piece(probe) else segment(family, probe, src, dst)
    ttl = probe.get('ttl', 64)
    if family == 4:
        flags = probe.get('frag_off', 0) | (0x2000 if probe.get('mf') else 0) if is_piece(probe) else 0x4000 if probe.get('df', True) else 0
        head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(body), probe.get('sport', 1) if is_piece(probe) else 1, flags, ttl, number, 0) + src + dst
        return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + body
    return struct.pack('!IHBB', 0x60000000, len(body), number, ttl) + src + dst + body


def said_inner(number, data):
    """Ends of the packet that an ICMP error quotes."""
    v4 = number == 1
    show = lambda part: socket.inet_ntop(socket.AF_INET if v4 else socket.AF_INET6, part)
    src, dst, at = (data[12:16], data[16:20], 20) if v4 else (data[8:24], data[24:40], 40)
    return ' '.join([show(src), show(dst), *map(str, struct.unpack('!HH', data[at:at + 4]))])


def read_frame(frame):
    """What a frame on the wire says, or None where it is nobody's business here."""
    kind, data = struct.unpack('!H', frame[12:14])[0], frame[14:]
    if kind == 0x0800:
        length, number, ttl = (data[0] & 15) * 4, data[9], data[8]
        said = {'src': socket.inet_ntop(socket.AF_INET, data[12:16]), 'dst': socket.inet_ntop(socket.AF_INET, data[16:20])}
    elif kind == 0x86dd:
        length, number, ttl = 40, data[6], data[7]
        said = {'src': socket.inet_ntop(socket.AF_INET6, data[8:24]), 'dst': socket.inet_ntop(socket.AF_INET6, data[24:40])}
    else:
        return None
    if number not in (1, 4, 6, 17, 41, 44, 50, 58, 132):
        return None
    said.update(proto=number, ttl=ttl)
    if number in (1, 58):
        if not is_error(4 if number == 1 else 6, data[length]):
            return None
        said['inner'] = said_inner(number, data[length + 8:])
    if number in (6, 17, 132):
        said['sport'], said['dport'], said['seq'] = struct.unpack('!HHI', data[length:length + 8])
    return said


HOOKS = ('PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING')
IPPROTO_RAW = 255
GET_INFO, GET_ENTRIES = 64, 65


class Tables:
    """Counters of the rules of built-in chains, straight from the kernel: include/uapi/linux/netfilter_ipv4/ip_tables.h, netfilter_ipv6/ip6_tables.h."""

    def __init__(self, family):
        self.asker = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6, socket.SOCK_RAW, IPPROTO_RAW)
        self.level = socket.IPPROTO_IP if family == 4 else socket.IPPROTO_IPV6
        # Where an entry has the offset of the next one and its counters.
        self.next_at, self.count_at = (90, 96) if family == 4 else (142, 152)
        with open('/proc/self/net/' + ('ip_tables_names' if family == 4 else 'ip6_tables_names')) as names:
            self.names = names.read().split()

    def ask(self, option, data):
        buffer = ctypes.create_string_buffer(data, len(data))
        length = ctypes.c_uint32(len(data))
        if libc.getsockopt(self.asker.fileno(), self.level, option, buffer, ctypes.byref(length)) != 0:
            raise OSError(ctypes.get_errno(), 'getsockopt')
        return buffer.raw

    def counters(self):
        found = {}
        for name in self.names:
            padded = name.encode().ljust(32, b'\0')
            info = self.ask(GET_INFO, padded.ljust(84, b'\0'))
            valid, *rest = struct.unpack('=13I', info[32:84])
            begin, end, size = rest[:5], rest[5:10], rest[11]
            entries = self.ask(GET_ENTRIES, (padded + struct.pack('=I', size)).ljust(40, b'\0') + b'\0' * size)[40:]
            for hook in range(5):
                at, number = begin[hook], 0
                while valid >> hook & 1 and at != end[hook]:
                    number += 1
                    found[name, HOOKS[hook], number] = struct.unpack_from('=Q', entries, at + self.count_at)[0]
                    at += struct.unpack_from('=H', entries, at + self.next_at)[0]
        return found


MARK = '=====8<====='


def ipvs_loads():
    with open('/proc/self/net/ip_vs') as table:
        return table.read()


class Node:
    def __init__(self, case):
        self.family = case['family']
        enter_new('wire', 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1')
        enter_new('node', '\n'.join(f'ip link add {dev} type veth peer name wire{at} netns wire' for at, dev in enumerate(DEVICES)))
        run('set -e\n' + '\n'.join(case['setup']))
        enter('wire')
        run('\n'.join(f'ip link set wire{at} up' for at in range(len(DEVICES))))
        self.wires = {}
        for at, dev in enumerate(DEVICES):
            wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            wire.bind((f'wire{at}', ETH_P_ALL))
            wire.setblocking(False)
            self.wires[dev] = wire
        enter('node')
        macs = run('\n'.join(f'ip -br link show dev {dev}' for dev in DEVICES)).split('\n')
        self.macs = {dev: bytes.fromhex(line.split()[2].replace(':', '')) for dev, line in zip(DEVICES, macs)}
        self.fence = case['fence']
        self.held = listeners(self.family, case['ports'])
        self.ears = ears(self.family)
        self.sender = None
        self.tables = Tables(self.family)
        self.counted = self.tables.counters()
        self.tracked = set()
        for probe in case['before']:
            self.answer(probe)
        run('\n'.join(case['later']), check=False)
        self.captures = case['captures']
        self.counts = case['counts']
        self.loads = ipvs_loads()
        self.captured = self.capture(list(self.captures))
        self.counted = self.tables.counters()

    def capture(self, files):
        texts = run('\n'.join(f'echo "{MARK}"; {self.captures[file]}' for file in files), check=False).split(MARK + '\n')[1:]
        return dict(zip(files, texts))

    def renewed(self):
        """What earlier probes and the time have changed of that by which servers are chosen."""
        loads = ipvs_loads()
        if not self.counts or loads == self.loads:
            return {}
        self.loads = loads
        return {'captured': self.capture(self.counts)}

    def close(self):
        for sock in (*self.wires.values(), *self.held, *self.ears, self.tables.asker):
            sock.close()

    def new_connections(self):
        with open('/proc/self/net/nf_conntrack') as table:
            lines = {' '.join(word for word in line.split() if '=' in word): line.strip() for line in table}
        new = [line for key, line in lines.items() if key not in self.tracked]
        # The file is read in pieces while the table changes: one reading may lack an entry that the next one shows.
        self.tracked |= set(lines)
        return '\n'.join(new)

    def arrivals(self):
        """Frames that left the node, and packets that were delivered on it."""
        frames, heard = [], []
        while True:
            ready, _, _ = select.select([*self.wires.values(), *self.ears], [], [], 0.002)
            if not ready:
                return frames, heard
            heard += [what for what in (hear(self.family, ear) for ear in self.ears if ear in ready) if what is not None]
            for dev, wire in self.wires.items():
                if wire in ready:
                    frame, where = wire.recvfrom(65535)
                    said = None if where[2] == PACKET_OUTGOING else read_frame(frame)
                    if said is not None:
                        frames.append({'out_iface': dev, **said})

    def send(self, probe):
        """The error number's name where the kernel refuses, and the socket's source."""
        kind = probe['kind']
        if kind == 'frame':
            frame = self.macs[probe['in_iface']] + WIRE_MAC + struct.pack('!H', 0x0800 if self.family == 4 else 0x86dd) + packet(probe)
            self.wires[probe['in_iface']].send(frame)
            return {}
        domain = socket.AF_INET if self.family == 4 else socket.AF_INET6
        if kind == 'raw':
            sender = socket.socket(domain, socket.SOCK_RAW, socket.IPPROTO_RAW)
            if self.family == 6:
                sender.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
            # Bound like the socket that answers, so that the route is asked for with the source.
            sender.setsockopt(*((socket.IPPROTO_IP, IP_FREEBIND, 1) if self.family == 4 else (socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)))
            sender.bind((probe['src'], 0))
            deed = lambda: sender.sendto(packet(probe), (probe['dst'], 0))
        else:
            stream = probe['proto'] == 'tcp'
            sender = socket.socket(domain, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
            sender.setblocking(False)
            deafen(sender)
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.get('mark'):
                sender.setsockopt(socket.SOL_SOCKET, SO_MARK, probe['mark'])
            if 'ttl' in probe:
                level, name = (socket.IPPROTO_IP, socket.IP_TTL) if self.family == 4 else (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS)
                sender.setsockopt(level, name, probe['ttl'])
            sender.bind(('', probe['sport']))

            def deed():
                sender.connect((probe['dst'], probe['dport']))
                if not stream:
                    sender.send(b'')
        said = {}
        try:
            deed()
        except BlockingIOError:
            pass
        except OSError as error:
            said['errno'] = errno.errorcode.get(error.errno, str(error.errno))
        try:
            said['socket_src'] = sender.getsockname()[0]
        except OSError:
            pass
        self.hush()
        self.sender = sender
        return said

    def hush(self):
        if self.sender is not None:
            self.sender.close()
            self.sender = None

    def ask(self, probe):
        said = self.send(probe)
        said['frames'], said['heard'] = self.arrivals()
        now = self.tables.counters()
        rose = [(rule, now[rule] - self.counted.get(rule, 0)) for rule in now if now[rule] != self.counted.get(rule, 0)]
        own = lambda rule: rule[0] == 'raw' and rule[1] == 'OUTPUT' and rule[2] <= len(self.fence)
        said['hits'] = [[*rule, count] for rule, count in rose if not own(rule)]
        said['told'] = [self.fence[rule[2] - 1] for rule, _ in rose if own(rule)]
        self.counted = now
        said['conntrack'] = self.new_connections()
        return said

    def answer(self, probe):
        """The probe, and the reply to what it became."""
        said = self.ask(probe)
        reply = self.reply_to(probe, said) if probe.get('reply') else None
        if reply is not None:
            said['reply'] = self.ask(reply)
        self.hush()
        self.forget_tunnels(said)
        return said

    def forget_tunnels(self, said):
        """Tunnels have no ports: to the next packet the connection of this one would be known, though no dump shows it."""
        frames = [*said['frames'], *said.get('reply', {}).get('frames', [])]
        if any(frame['proto'] in (4, 41) for frame in frames):
            run(f'conntrack -D -f ipv{self.family} -p {4 if self.family == 4 else 41}', check=False)
            # Those of tunnels have neither ports nor an id.
            self.tracked = {key for key in self.tracked if 'port=' in key or 'id=' in key}
            self.new_connections()

    def reply_to(self, probe, said):
        frames = [frame for frame in said['frames'] if frame['proto'] in (6, 17)]
        local = not frames
        ends = said['heard'] if local else frames
        if len(ends) != 1 or len(said['frames']) > 1:
            return None
        frame = ends[0]
        flags = 'SYN,ACK' if probe.get('tcp_flags', 'SYN') == 'SYN' else probe.get('reply_flags', 'ACK')
        return {'kind': 'raw' if local else 'frame', 'family': self.family, 'in_iface': frame.get('out_iface'), 'proto': probe['proto'], 'tcp_flags': flags,
                'src': frame['dst'], 'dst': frame['src'], 'sport': frame['dport'], 'dport': frame['sport'],
                'seq': 1 if flags == 'SYN,ACK' else 2,
                # What does not acknowledge the SYN is out of conntrack's window.
                'ack': (frame['seq'] + (1 if {'SYN', 'FIN'} & set(probe.get('tcp_flags', 'SYN').split(',')) else 0)) & 0xffffffff}


with open('cases.json') as handle:
    cases = json.load(handle)
answers = []
for case in cases:
    try:
        node = Node(case)
        answers.append({'captured': node.captured, 'answers': [{**node.renewed(), **node.answer(probe)} for probe in case['probes']]})
        node.close()
    except Exception as error:
        answers.append({'failed': repr(error)})
    with open('answers.json', 'w') as handle:
        json.dump(answers, handle)
