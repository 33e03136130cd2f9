"""Processes that answer everybody with where they are, which of their addresses was asked and whom they see. tcp(7), udp(7), ip(7), ipv6(7)."""
import json
import os
import select
import socket
import struct
import threading

IP_PKTINFO = 8
IPV6_RECVPKTINFO = 49
IPV6_PKTINFO = 50


def text(address):
    return address.split('%')[0]


class Servers:
    def __init__(self):
        self.sockets = {}
        self.poll = select.epoll()
        self.wake, self.waker = os.pipe()
        self.poll.register(self.wake, select.EPOLLIN)
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def add(self, space, family, proto, address, port, *more):
        """`both`: it takes IPv4 and IPv6. Made in the namespace that the thread is in."""
        six = family == 6 or 'both' in more
        sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM if proto == 'tcp' else socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if six:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if 'both' in more else 1)
        if proto == 'udp':
            sock.setsockopt(socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP, IPV6_RECVPKTINFO if six else IP_PKTINFO, 1)
        sock.bind(('::' if six else '', int(port)) if address == '*' else (address, int(port)))
        sock.setblocking(False)
        if proto == 'tcp':
            sock.listen(64)
        self.sockets[sock.fileno()] = (sock, space, proto)
        self.poll.register(sock.fileno(), select.EPOLLIN)

    def work(self):
        while True:
            for number, _ in self.poll.poll():
                if number == self.wake:
                    return
                sock, space, proto = self.sockets[number]
                try:
                    (self.greet if proto == 'tcp' else self.reply)(sock, space)
                except OSError:
                    pass

    def greet(self, listener, space):
        sock, peer = listener.accept()
        with sock:
            own = sock.getsockname()
            sock.sendall(told(space, own[0], own[1], peer))

    def reply(self, sock, space):
        data, ancillary, _, peer = sock.recvmsg(2048, 256)
        own, back = None, []
        for level, kind, info in ancillary:
            if level == socket.IPPROTO_IP and kind == IP_PKTINFO:
                asked = info[8:12]
                own = socket.inet_ntop(socket.AF_INET, asked)
                back = [(level, kind, struct.pack('=I4s4s', 0, asked, b'\0' * 4))]
            elif level == socket.IPPROTO_IPV6 and kind == IPV6_PKTINFO:
                own = socket.inet_ntop(socket.AF_INET6, info[:16])
                back = [(level, kind, info[:16] + struct.pack('=I', 0))]
        # Whoever was asked answers, whatever address the route would choose.
        sock.sendmsg([told(space, own, sock.getsockname()[1], peer)], back, 0, peer)

    def close(self):
        os.write(self.waker, b'x')
        self.thread.join()
        for sock, _, _ in self.sockets.values():
            sock.close()
        self.poll.close()
        os.close(self.wake)
        os.close(self.waker)


def told(space, own, port, peer):
    return json.dumps({'space': space, 'dst': text(own).removeprefix('::ffff:'), 'dport': port, 'src': text(peer[0]).removeprefix('::ffff:'), 'sport': peer[1]}).encode()
