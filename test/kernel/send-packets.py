"""Sends packets out of a network namespace and prints, as JSON, which rules of filter OUTPUT counted each.

Standard input: {"family", "tool", "packets": [{"proto", "ttl", "tos", "fragment", "payload"}]}. The rules are loaded already; the
first one takes whatever does not carry the mark that is set here, so that nobody else's packets are counted. raw(7).
"""
import json
import socket
import struct
import subprocess
import sys

MARK = 5
SO_MARK = 36
IPPROTO_IPV6 = 41
IPV6_HDRINCL = 36

order = json.load(sys.stdin)
tool = order['tool']


def ipv4(packet, payload):
    fragment = packet['fragment']
    place = 0 if fragment is None else fragment['offset'] | (0x2000 if fragment['more'] else 0)
    ends = socket.inet_aton('10.0.0.1') + socket.inet_aton('10.0.0.2')
    fixed = (0x45, packet['tos'], 20 + len(payload), 7, place, packet['ttl'], packet['proto'], 0)
    return struct.pack('!BBHHHBBH', *fixed) + ends + payload


def ipv6(packet, payload):
    fragment = packet['fragment']
    following = packet['proto']
    if fragment is not None:
        place = fragment['offset'] << 3 | (1 if fragment['more'] else 0)
        payload = struct.pack('!BBHI', following, 0, place, 7) + payload
        following = 44
    ends = socket.inet_pton(socket.AF_INET6, 'fd00::1') + socket.inet_pton(socket.AF_INET6, 'fd00::2')
    return struct.pack('!IHBB', 0x60000000 | packet['tos'] << 20, len(payload), following, packet['ttl']) + ends + payload


if order['family'] == 4:
    build, there = ipv4, ('10.0.0.2', 0)
    sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
else:
    build, there = ipv6, ('fd00::2', 0)
    sender = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sender.setsockopt(IPPROTO_IPV6, IPV6_HDRINCL, 1)
sender.setsockopt(socket.SOL_SOCKET, SO_MARK, MARK)

answers = []
for packet in order['packets']:
    data = build(packet, bytes(packet['payload']))
    subprocess.run([tool, '-Z', 'OUTPUT'], check=True)
    try:
        sender.sendto(data, there)
        refused = False
    except OSError:
        refused = True
    dump = subprocess.run([tool + '-save', '-c', '-t', 'filter'], check=True, capture_output=True, text=True).stdout
    counts = [int(line[1:line.index(':')]) for line in dump.split('\n') if '] -A OUTPUT ' in line]
    answers.append({'refused': refused, 'length': len(data), 'counts': counts[1:]})
json.dump(answers, sys.stdout)
