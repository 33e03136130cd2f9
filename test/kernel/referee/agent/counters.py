"""How often each rule counted a packet, read from the kernel without a tool between. x_tables.h, ip_tables.h, nf_tables.h."""
import ctypes
import os
import socket
import struct

from netlink import attributes

libc = ctypes.CDLL(None, use_errno=True)
GET_INFO, GET_ENTRIES = 64, 65
HOOKS = ('PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING')
GETRULE = (10 << 8) | 7
# The attribute of an expression whose name is "counter".
COUNTER = b'\x0c\x00\x01\x00counter\x00'


class Layout:
    """Where ipt_entry and ip6t_entry keep what we read; they differ in the size of the header."""

    def __init__(self, family):
        six = family == 6
        self.level = socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP
        self.kind = socket.AF_INET6 if six else socket.AF_INET
        self.names = '/proc/self/net/ip6_tables_names' if six else '/proc/self/net/ip_tables_names'
        self.offsets = 140 if six else 88
        self.count = 152 if six else 96


class LegacyCounters:
    def __init__(self, family):
        self.layout = Layout(family)
        self.socket = socket.socket(self.layout.kind, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.tables = {}
        # To ask for a table that is not there would make it.
        if os.path.exists(self.layout.names):
            with open(self.layout.names) as names:
                for name in names.read().split():
                    self.tables[name] = self.places(name)

    def close(self):
        self.socket.close()

    def ask(self, option, buffer):
        size = ctypes.c_uint32(len(buffer))
        if libc.getsockopt(self.socket.fileno(), self.layout.level, option, buffer, ctypes.byref(size)):
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
        return buffer.raw

    def entries(self, table, size):
        request = struct.pack('=32sII', table.encode(), size, 0)
        buffer = ctypes.create_string_buffer(request, 40 + size)
        return self.ask(GET_ENTRIES, buffer)[40:]

    def places(self, table):
        """The size of the table and, of every rule, (chain, number, place of its counter)."""
        info = self.ask(GET_INFO, ctypes.create_string_buffer(table.encode(), 84))
        words = struct.unpack_from('=13I', info, 32)
        valid, entry, underflow, size = words[0], words[1:6], words[6:11], words[12]
        heads = {entry[hook]: HOOKS[hook] for hook in range(5) if valid >> hook & 1}
        policies = {underflow[hook] for hook in range(5) if valid >> hook & 1}
        blob = self.entries(table, size)
        rows, chain, number, at = [], None, 0, 0
        while at < size:
            target, following = struct.unpack_from('=HH', blob, at + self.layout.offsets)
            name = blob[at + target + 2:at + target + 31].split(b'\0')[0]
            if name == b'ERROR':
                chain, number = blob[at + target + 32:at + following].split(b'\0')[0].decode(), 0
            else:
                if at in heads:
                    chain, number = heads[at], 0
                number += 1
                if at not in policies:
                    rows.append((chain, number, at + self.layout.count))
            at += following
        return size, self.without_tails(rows, heads)

    @staticmethod
    def without_tails(rows, heads):
        """A chain of the user ends in a RETURN that no listing shows."""
        built_in = set(heads.values())
        last = {chain: number for chain, number, _ in rows}
        return [row for row in rows if row[0] in built_in or row[1] != last[row[0]]]

    def read(self):
        for table, (size, rows) in self.tables.items():
            blob = self.entries(table, size)
            for chain, number, place in rows:
                yield ('legacy', table, chain, number), struct.unpack_from('=Q', blob, place)[0]


class NftCounters:
    """Rules that iptables-nft wrote: each holds one counter."""

    def __init__(self, netlink, family):
        self.netlink = netlink
        self.family = 10 if family == 6 else 2

    def read(self):
        numbers = {}
        for body in self.netlink.dump(GETRULE, self.family):
            table = chain = None
            packets = 0
            for kind, value in attributes(body):
                if kind == 1:
                    table = value[:-1].decode()
                elif kind == 2:
                    chain = value[:-1].decode()
                elif kind == 4:
                    packets = self.packets(value)
            number = numbers[(table, chain)] = numbers.get((table, chain), 0) + 1
            yield ('nft', table, chain, number), packets

    @staticmethod
    def packets(expressions):
        at = expressions.find(COUNTER)
        if at < 0:
            return 0
        for kind, value in attributes(expressions, at + len(COUNTER) + 4):
            if kind == 2:
                return struct.unpack('!Q', value)[0]
        return 0
