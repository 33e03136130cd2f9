"""Sends frames through a router in the network namespace it runs in, and prints as JSON what became of each.

Standard input: {"family", "variant", "setup", "capture": {name: command}, "cases": [{"setup", "packets": [...]}]}. The router has the devices
ra and rb; what stands behind them, va and vb, are in namespaces of their own and answer nothing. Every case starts with an empty connection
table, then its `setup` runs, then its packets enter one by one by the device "dev" (ra or rb), or leave a raw socket of the router ("dev":
null). A packet with "answers" is built from the one that came out before it: turned round, or, with "from", as an ICMP error of that
address which quotes it; with "again", the packet sent before it once more. raw(7), packet(7).
"""
import ctypes
import json
import os
import re
import select
import socket
import struct
import subprocess
import sys

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def run(text, check=True):
    done = subprocess.run(['sh', '-e', '-c', text], capture_output=True, text=True)
    if check and done.returncode != 0:
        raise SystemExit(f'{text}\n{done.stderr}')
    return done.stdout


NETWORK = '''
ip link set lo up
ip netns add a; ip netns add b
for side in a b; do
  ip netns exec $side sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  ip link add r$side address 02:00:00:00:00:01 type veth peer name v$side address 02:00:00:00:00:02 netns $side
  ip netns exec $side ip link set v$side arp off up
  ip link set r$side up
done
sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.ra.rp_filter=0 net.ipv4.conf.rb.rp_filter=0
sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip addr add 10.0.1.1/24 dev ra; ip addr add 10.0.2.1/24 dev rb
ip addr add fd00:1::1/64 dev ra nodad; ip addr add fd00:2::1/64 dev rb nodad
for n in 2 3 4 5 6 7 8 9; do
  ip neigh add 10.0.1.$n lladdr 02:00:00:00:00:02 dev ra; ip neigh add 10.0.2.$n lladdr 02:00:00:00:00:02 dev rb
  ip neigh add fd00:1::$n lladdr 02:00:00:00:00:02 dev ra; ip neigh add fd00:2::$n lladdr 02:00:00:00:00:02 dev rb
done
ip link set ra arp off; ip link set rb arp off
'''


def socket_in(namespace, device):
    home = os.open('/proc/self/ns/net', os.O_RDONLY)
    there = os.open(f'/run/netns/{namespace}', os.O_RDONLY)
    if libc.setns(there, CLONE_NEWNET) != 0:
        raise SystemExit('setns failed')
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    made.bind((device, 0))
    libc.setns(home, CLONE_NEWNET)
    os.close(home)
    os.close(there)
    return made


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(family, text):
    return socket.inet_pton(socket.AF_INET if family == 4 else socket.AF_INET6, text)


def upper(family, packet):
    proto = packet['proto']
    ends = address(family, packet['src']) + address(family, packet['dst'])
    body = bytes.fromhex(packet.get('payload', ''))
    if 'raw' in packet:
        return bytes.fromhex(packet['raw'])
    if proto == 6:
        seq, ack = packet.get('seq', 1000), packet.get('ack', 1001)
        data = struct.pack('!HHIIBBHHH', packet['sport'], packet['dport'], seq, ack, 0x50, packet['flags'], 8192, 0, 0) + body
        place = 16
    elif proto in (17, 136):
        cover = 8 + len(body)
        data = struct.pack('!HHHH', packet['sport'], packet['dport'], cover, 0) + body
        place = 6
    elif proto in (1, 58):
        inner = packet.get('inner')
        rest = struct.pack('!HH', packet.get('id', 0), packet.get('sequence', 1))
        if inner is not None:
            rest = b'\0\0\0\0'
            body = network(family, inner)[: 20 + 8 if family == 4 else 40 + 8]
        data = struct.pack('!BBH', packet['type'], packet['code'], 0) + rest + body
        place = 2
        if proto == 1:
            return data[:2] + struct.pack('!H', checksum(data)) + data[4:]
    elif proto in (132, 33) or 'sport' in packet:
        return struct.pack('!HH', packet['sport'], packet['dport']) + body
    else:
        return body
    proto = packet.get('checksum_proto', proto)
    pseudo = ends + (struct.pack('!BBH', 0, proto, len(data)) if family == 4 else struct.pack('!II', len(data), proto))
    return data[:place] + struct.pack('!H', checksum(pseudo + data) or 0xFFFF) + data[place + 2 :]


def network(family, packet):
    data = upper(family, packet)
    ends = address(family, packet['src']) + address(family, packet['dst'])
    ttl = packet.get('ttl', 64)
    place = packet.get('fragment', 0)
    if family == 4:
        head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(data), 7, place, ttl, packet['proto'], 0) + ends
        return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + data
    following = packet['proto']
    if 'fragment' in packet:
        data = struct.pack('!BBHI', following, 0, place, 7) + data
        following = 44
    return struct.pack('!IHBB', 0x60000000, len(data), following, ttl) + ends + data


def parse(data, deep=True):
    """The header fields that are compared, of a packet that came out."""
    family = data[0] >> 4
    size = (data[0] & 15) * 4 if family == 4 else 40
    ends = data[12:20] if family == 4 else data[8:40]
    half = len(ends) // 2
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    proto = data[9] if family == 4 else data[6]
    said = {
        'src': socket.inet_ntop(kind, ends[:half]),
        'dst': socket.inet_ntop(kind, ends[half:]),
        'proto': proto,
        'ttl': data[8] if family == 4 else data[7],
    }
    rest = data[size:]
    if proto in (6, 17, 132, 33, 136) and len(rest) >= 4:
        said['sport'], said['dport'] = struct.unpack('!HH', rest[:4])
    if proto == 6 and len(rest) >= 14:
        said['flags'] = rest[13]
        said['seq'], said['ack'] = struct.unpack('!II', rest[4:12])
    if proto in (1, 58) and len(rest) >= 8:
        said['type'], said['code'] = rest[0], rest[1]
        is_error = rest[0] in (3, 4, 5, 11, 12) if proto == 1 else rest[0] < 128
        if is_error and deep and len(rest) >= 28:
            said['inner'] = parse(rest[8:], False)
        else:
            said['id'] = struct.unpack('!H', rest[4:6])[0]
    return said


def drain(taps):
    seen = []
    while True:
        ready, _, _ = select.select(list(taps), [], [], 0)
        if not ready:
            return seen
        for tap in ready:
            frame, where = tap.recvfrom(65536)
            if where[2] == socket.PACKET_OUTGOING or frame[12:14] not in (b'\x08\x00', b'\x86\xdd'):
                continue
            said = parse(frame[14:])
            # Reports of group membership and the like are nobody's.
            if said['proto'] in (0, 2) or (said['proto'] == 58 and 130 <= said.get('type', 0) <= 143):
                continue
            seen.append({'dev': taps[tap], **said})


def counters(tool):
    found = []
    table = ''
    numbers = {}
    for line in run(f'{tool}-save -c').split('\n'):
        if line.startswith('*'):
            table, numbers = line[1:], {}
        hit = re.match(r'\[(\d+):\d+\] -A (\S+)', line)
        if hit:
            numbers[hit[2]] = numbers.get(hit[2], 0) + 1
            found.append((table, hit[2], numbers[hit[2]], int(hit[1])))
    return found


def rest_of(packet):
    return {key: value for key, value in packet.items() if key not in ('answers', 'from', 'again')}


ICMP_ANSWERS = {8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 128: 129, 129: 128}


def built(family, packet, last):
    """The packet in full; None when there is nothing to answer."""
    if packet.get('again'):
        return {**last['sent'], **rest_of(packet)} if last else None
    if not packet.get('answers'):
        return packet
    out = last['out'][-1] if last and last['out'] else None
    body = {'payload': last['sent']['payload']} if last and 'payload' in last['sent'] else {}
    if out is None or 'inner' in out:
        return None
    if 'from' in packet:
        inner = {key: value for key, value in out.items() if key in ('src', 'dst', 'proto', 'sport', 'dport', 'type', 'code', 'id', 'flags', 'ttl')} | body
        head = {'dev': out['dev'], 'src': packet['from'], 'dst': out['src'], 'proto': 1 if family == 4 else 58}
        return {**head, **rest_of(packet), 'inner': inner}
    made = {'dev': out['dev'], 'src': out['dst'], 'dst': out['src'], 'proto': out['proto']} | body
    if 'sport' in out:
        made |= {'sport': out['dport'], 'dport': out['sport']}
    if out['proto'] == 6:
        length = 1 if out['flags'] & 3 else 0
        made |= {'seq': out['ack'] if out['flags'] & 16 else 7000, 'ack': out['seq'] + length}
    if 'type' in out:
        made |= {'type': ICMP_ANSWERS.get(out['type'], out['type']), 'code': 0, 'id': out['id']}
    return {**made, **rest_of(packet)}


def main():
    order = json.load(sys.stdin)
    family = order['family']
    tool = ('iptables-' if family == 4 else 'ip6tables-') + order.get('variant', 'legacy')
    run(NETWORK)
    run(order.get('setup', ''))
    taps = {socket_in('a', 'va'): 'ra', socket_in('b', 'vb'): 'rb'}
    senders = {device: tap for tap, device in taps.items()}
    local = None
    capture = {name: run(command, check=False) for name, command in order.get('capture', {}).items()}
    answers = []
    for case in order['cases']:
        run('conntrack -F 2>/dev/null', check=False)
        run(case.get('setup', ''))
        told = []
        last = None
        for packet in case['packets']:
            packet = built(family, packet, last)
            if packet is None:
                break
            drain(taps)
            table = run(f'conntrack -L -f ipv{family} -o extended 2>/dev/null', check=False)
            before = counters(tool)
            data = network(family, packet)
            refused = None
            if packet.get('dev') is None:
                kind = socket.AF_INET if family == 4 else socket.AF_INET6
                local = local or socket.socket(kind, socket.SOCK_RAW, socket.IPPROTO_RAW)
                if family == 6:
                    local.setsockopt(41, 36, 1)
                try:
                    local.sendto(data, (packet['dst'], 0))
                except OSError as error:
                    refused = error.errno
            else:
                kind = b'\x08\x00' if family == 4 else b'\x86\xdd'
                senders[packet['dev']].send(bytes.fromhex('020000000001020000000002') + kind + data)
            after = counters(tool)
            hits = [[t, c, n] for (t, c, n, x), (_, _, _, y) in zip(before, after) for _ in range(y - x)]
            then = run(f'conntrack -L -f ipv{family} -o extended 2>/dev/null', check=False)
            last = {'sent': packet, 'hits': hits, 'out': drain(taps), 'refused': refused, 'before': table, 'after': then}
            told.append(last)
        answers.append(told)
    json.dump({'capture': capture, 'cases': answers}, sys.stdout)


main()
