"""Sends frames from peers' namespaces and prints, as JSON, which rules of the nodes (`n` alone unless told) counted each and which peers saw what.

Standard input: {"family", "watch": [[netns, device]], "nodes": […], "frames": [{"netns", "device", "to", "from", "src", "dst", "sport", "dport", "ttl"}]}.
A frame may have a "length" of its IPv4 packet, and "df".
Every frame is a UDP datagram; `to` and `from` are hardware addresses. packet(7), setns(2).
"""
import ctypes
import json
import select
import socket
import struct
import subprocess
import sys
import time

order = json.load(sys.stdin)
libc = ctypes.CDLL(None, use_errno=True)
SENT_BY_US = 4
family = order['family']
nodes = order.get('nodes', ['n'])
save = 'iptables-legacy-save' if family == 4 else 'ip6tables-legacy-save'


def enter(netns):
    with open('/run/netns/' + netns) as place:
        if libc.setns(place.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), netns)


def opened(netns, device):
    enter(netns)
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    link.bind((device, 0))
    link.setblocking(False)
    return link


def mac(text):
    return bytes.fromhex(text.replace(':', ''))


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame_of(frame, number):
    body = (b'l2-frame' + struct.pack('!I', number)).ljust(frame.get('length', 28) - 28, b'\0')
    length = 8 + len(body)
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    ends = socket.inet_pton(kind, frame['src']) + socket.inet_pton(kind, frame['dst'])
    pseudo = ends + struct.pack('!HH' if family == 4 else '!II', *((17, length) if family == 4 else (length, 17)))
    udp = struct.pack('!HHHH', frame['sport'], frame['dport'], length, 0) + body
    udp = udp[:6] + struct.pack('!H', checksum(pseudo + udp) or 0xffff) + udp[8:]
    if family == 4:
        head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + length, 7, 0x4000 if frame.get('df') else 0, frame['ttl'], 17, 0) + ends
        head = head[:10] + struct.pack('!H', checksum(head)) + head[12:]
    else:
        head = struct.pack('!IHBB', 0x60000000, length, 17, frame['ttl']) + ends
    return mac(frame['to']) + mac(frame['from']) + struct.pack('!H', 0x800 if family == 4 else 0x86dd) + head + udp


def counts():
    """Counter of each rule by table, chain, number and node."""
    found = {}
    for node in nodes:
        table = None
        numbers = {}
        dump = subprocess.run(['ip', 'netns', 'exec', node, save, '-c'], check=True, capture_output=True, text=True).stdout
        for line in dump.split('\n'):
            if line.startswith('*'):
                table, numbers = line[1:], {}
            elif line.startswith('['):
                chain = line.split(' ')[2]
                numbers[chain] = numbers.get(chain, 0) + 1
                found[(table, chain, numbers[chain], node)] = int(line[1:line.index(':')])
    return found


def described(where, data):
    at = 14 if data[12:14] in (b'\x08\x00', b'\x86\xdd') else None
    if at is None:
        return None
    v4 = data[12:14] == b'\x08\x00'
    if data[23 if v4 else 20] != socket.IPPROTO_UDP:
        return None
    kind, width, start = (socket.AF_INET, 4, 26) if v4 else (socket.AF_INET6, 16, 22)
    upper = start + 2 * width
    sport, dport = struct.unpack('!HH', data[upper:upper + 4])
    return {
        'netns': where[0], 'device': where[1], 'to': data[0:6].hex(':'), 'from': data[6:12].hex(':'),
        'src': socket.inet_ntop(kind, data[start:start + width]), 'dst': socket.inet_ntop(kind, data[start + width:upper]),
        'sport': sport, 'dport': dport, 'ttl': data[22] if v4 else data[21],
    }


watched = [(tuple(where), opened(*where)) for where in order['watch']]
senders = {}
answers = []
before = counts()
for number, frame in enumerate(order['frames']):
    key = (frame['netns'], frame['device'])
    if key not in senders:
        senders[key] = opened(*key)
    marker = b'l2-frame' + struct.pack('!I', number)
    senders[key].send(frame_of(frame, number))
    seen = []
    end = time.monotonic() + 0.03
    while time.monotonic() < end:
        ready, _, _ = select.select([link for _, link in watched], [], [], 0.01)
        for where, link in watched:
            if link not in ready:
                continue
            data, address = link.recvfrom(65535)
            if marker in data and address[2] != SENT_BY_US:
                seen.append(described(where, data))
    after = counts()
    hits = [[*rule[:3], after[rule] - before[rule], rule[3]] for rule in after if after[rule] != before[rule]]
    before = after
    if order.get('forget'):
        for node in nodes:
            subprocess.run(['ip', 'netns', 'exec', node, 'conntrack', '-F'], check=True, capture_output=True)
    answers.append({'hits': hits, 'seen': seen})
json.dump(answers, sys.stdout)
