"""The table of connections: emptied, and read. linux/netfilter/nfnetlink_conntrack.h."""
import json
import socket
import struct

from netlink import attributes

GET, DELETE = (1 << 8) | 1, (1 << 8) | 2


def flush(netlink, family):
    netlink.command(DELETE, 10 if family == 6 else 2)


def entries(netlink, family):
    """Original and reply tuple, mark and status of each connection."""
    answer = []
    for body in netlink.dump(GET, 10 if family == 6 else 2):
        entry = {}
        for kind, value in attributes(body):
            if kind == 1:
                entry['orig'] = tuple_of(value)
            elif kind == 2:
                entry['reply'] = tuple_of(value)
            elif kind == 3:
                entry['status'] = struct.unpack('!I', value)[0]
            elif kind in (9, 10):
                entry['packets'] = entry.get('packets', 0) + packets_of(value)
            elif kind == 8:
                entry['mark'] = struct.unpack('!I', value)[0]
            elif kind == 18:
                entry['zone'] = struct.unpack('!H', value)[0]
        answer.append(entry)
    return answer


def packets_of(data):
    return next((int.from_bytes(value, 'big') for kind, value in attributes(data) if kind == 1), 0)


def key_of(entry):
    return json.dumps([entry.get('orig'), entry.get('zone')], sort_keys=True)


def counted(found):
    return {key_of(entry): entry.get('packets') for entry in found}


def touched(before, found):
    """Those that are new or have counted a packet since."""
    return [entry for entry in found if before.get(key_of(entry), -1) != entry.get('packets')]


def tuple_of(data):
    found = {}
    for kind, value in attributes(data):
        if kind == 1:
            for part, address in attributes(value):
                family = socket.AF_INET if len(address) == 4 else socket.AF_INET6
                found['src' if part in (1, 3) else 'dst'] = socket.inet_ntop(family, address)
        elif kind == 2:
            found.update(proto_of(value))
        elif kind == 3:
            found['zone'] = struct.unpack('!H', value)[0]
    return found


def proto_of(data):
    names = {1: 'proto', 2: 'sport', 3: 'dport', 4: 'icmp_id', 5: 'icmp_type', 6: 'icmp_code', 7: 'icmp_id', 8: 'icmp_type', 9: 'icmp_code'}
    return {names[kind]: int.from_bytes(value, 'big') for kind, value in attributes(data) if kind in names}
