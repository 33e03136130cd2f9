"""Opens many connections at once and tells what came of each. connect(2)."""
import errno
import json
import select
import socket
import time

# A bit of the time is given to those that nobody expects to be answered.
IMPATIENCE = 0.7


def opened(one):
    kind = socket.SOCK_STREAM if one['proto'] == 'tcp' else socket.SOCK_DGRAM
    six = ':' in one['dst']
    sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, kind)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if not one.get('src'):
        # So that a fixed port does not settle the address.
        sock.bind(('::' if six else '', one['sport']))
    else:
        sock.bind((one['src'], one['sport']))
    return sock


class Attempt:
    def __init__(self, one):
        self.order = one
        self.sock = opened(one)
        self.result = None
        try:
            self.sock.connect((one['dst'], one['dport']))
            if one['proto'] == 'udp':
                self.sock.send(b'?')
        except BlockingIOError:
            pass
        except OSError as error:
            self.failed(error)

    def failed(self, error):
        self.result = {'kind': 'error', 'errno': errno.errorcode.get(error.errno, str(error.errno))}

    def look(self):
        try:
            data = self.sock.recv(4096)
        except BlockingIOError:
            return
        except OSError as error:
            # A socket that is not connected yet.
            if error.errno == errno.ENOTCONN:
                return
            self.failed(error)
            return
        self.result = {'kind': 'answered', 'by': json.loads(data) if data else None}

    def give_up(self):
        """Connected and yet nothing was said: the first answer came back all the same."""
        if self.order['proto'] == 'tcp':
            try:
                self.sock.getpeername()
                return {'kind': 'answered', 'by': None}
            except OSError:
                pass
        return {'kind': 'silence'}


def attempt(spaces, orders, patience):
    poll = select.poll()
    attempts = {}
    results = [None] * len(orders)
    for at, one in enumerate(orders):
        spaces.enter(one['space'])
        try:
            made = Attempt(one)
        except OSError as error:
            results[at] = {'kind': 'refused', 'errno': errno.errorcode.get(error.errno, str(error.errno))}
            continue
        attempts[made.sock.fileno()] = (at, made)
        poll.register(made.sock, select.POLLIN | select.POLLERR | select.POLLHUP)
    spaces.leave()
    started = time.monotonic()
    waiting = dict(attempts)
    while waiting:
        for number, (at, made) in list(waiting.items()):
            if made.result is not None:
                results[at] = made.result
                poll.unregister(number)
                del waiting[number]
        now = time.monotonic() - started
        expected = any(made.order.get('expected') for _, made in waiting.values())
        left = (patience if expected else IMPATIENCE) - now
        if left <= 0 or not waiting:
            break
        for number, _ in poll.poll(min(left, 0.1) * 1000):
            waiting[number][1].look()
    for at, made in waiting.values():
        results[at] = made.give_up()
    for _, made in attempts.values():
        made.sock.close()
    return results
