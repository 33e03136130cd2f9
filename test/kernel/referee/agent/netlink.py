"""Netlink by hand: enough of nfnetlink to dump, to command and to read attributes. netlink(7), linux/netfilter/nfnetlink.h."""
import os
import socket
import struct

NETLINK_NETFILTER = 12
REQUEST, ACK, DUMP = 1, 4, 0x300
ERROR, DONE = 2, 3


def attributes(data, at=0):
    """(type without flags, value) of each attribute in data[at:]."""
    end = len(data)
    while at + 4 <= end:
        length, kind = struct.unpack_from('=HH', data, at)
        if length < 4:
            return
        yield kind & 0x3FFF, data[at + 4:at + length]
        at += (length + 3) & ~3


def attribute(kind, value):
    return struct.pack('=HH', 4 + len(value), kind) + value + b'\0' * (-len(value) % 4)


def messages(data):
    at = 0
    while at + 16 <= len(data):
        length, kind, _flags, _seq, _pid = struct.unpack_from('=IHHII', data, at)
        yield kind, data[at + 16:at + length]
        at += (length + 3) & ~3


class Nfnetlink:
    """One socket of the namespace that it was opened in."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind((0, 0))

    def close(self):
        self.socket.close()

    def send(self, kind, flags, family, res_id=0, body=b''):
        header = struct.pack('=IHHII', 20 + len(body), kind, flags | REQUEST, 1, 0)
        self.socket.send(header + struct.pack('!BBH', family, 0, res_id) + body)

    def command(self, kind, family, res_id=0, body=b''):
        self.send(kind, ACK, family, res_id, body)
        while True:
            for got, payload in messages(self.socket.recv(1 << 20)):
                if got == ERROR:
                    return -struct.unpack_from('=i', payload)[0]

    def dump(self, kind, family, body=b''):
        """Bodies, behind nfgenmsg, of every object."""
        self.send(kind, DUMP, family, 0, body)
        while True:
            for got, payload in messages(self.socket.recv(1 << 20)):
                if got == DONE:
                    return
                if got == ERROR:
                    error = -struct.unpack_from('=i', payload)[0]
                    if error:
                        raise OSError(error, os.strerror(error))
                    return
                yield payload[4:]
