"""Connects one socket per line of standard input (family kind destination mark tos device sport dport) and prints the source it got, or the errno."""
import errno
import socket
import sys

SO_MARK, SO_BINDTODEVICE, IPV6_TCLASS = 36, 25, 67


def connected(family, kind, dst, mark, tos, device, sport, dport):
    v6 = family == "6"
    stream = kind == "tcp"
    with socket.socket(
        socket.AF_INET6 if v6 else socket.AF_INET,
        socket.SOCK_STREAM if stream else socket.SOCK_DGRAM,
    ) as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.setsockopt(socket.SOL_SOCKET, SO_MARK, int(mark))
            if v6:
                sock.setsockopt(socket.IPPROTO_IPV6, IPV6_TCLASS, int(tos))
            else:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, int(tos))
            if device != "-":
                sock.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, device.encode() + b"\0")
            sock.bind(("::" if v6 else "0.0.0.0", int(sport)))
            sock.connect((dst, int(dport)))
        except BlockingIOError:
            pass
        except OSError as error:
            return errno.errorcode[error.errno]
        return sock.getsockname()[0]


for line in sys.stdin:
    print(connected(*line.split()), flush=True)
