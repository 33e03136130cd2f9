"""Lines `FAMILY PROTO SOURCE DESTINATION DEVICE|-`: binds a socket to the source, sends, prints the source of what comes out of p0, or the error. bind(2)."""
import errno
import socket
import sys

KINDS = {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM}
BIND_TO_DEVICE = 25


def wire():
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    tap.bind(('p0', 3))
    tap.settimeout(5)
    return tap


def source_of(tap, family, destination):
    """The first packet for the destination: its source."""
    kind, size, at = (socket.AF_INET6, 16, 22) if family == '6' else (socket.AF_INET, 4, 26)
    while True:
        frame = tap.recv(2048)
        if frame[at + size:at + 2 * size] == socket.inet_pton(kind, destination):
            return socket.inet_ntop(kind, frame[at:at + size])


def asked(family, proto, source, destination, device):
    with wire() as tap, socket.socket(socket.AF_INET6 if family == '6' else socket.AF_INET, KINDS[proto]) as sender:
        sender.setblocking(False)
        try:
            if device != '-':
                sender.setsockopt(socket.SOL_SOCKET, BIND_TO_DEVICE, device.encode())
            sender.bind((source, 0))
            sender.connect((destination, 9))
            sender.send(b'x')
        except BlockingIOError:
            pass
        except OSError as error:
            return errno.errorcode[error.errno]
        return source_of(tap, family, destination)


for line in sys.stdin:
    print(asked(*line.split()), flush=True)
