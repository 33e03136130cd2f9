"""Makes network namespaces, acts in them and opens connections between them: one JSON object a line, in and out.

Run by agent.ts in a network namespace with a /run of its own. Every object has "op"; the answer has "error" when the order could not be carried out.
"""
import ctypes
import json
import os
import signal
import subprocess
import sys
import time

import connections
import servers

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
MS_BIND = 4096
HERE = '/proc/thread-self/ns/net'
NAMES = '/run/netns'
MARK = '=====\n'


def checked(status, what):
    if status:
        raise OSError(ctypes.get_errno(), what)


class Spaces:
    """Network namespaces by name; ip(8) knows the names too."""

    def __init__(self):
        os.makedirs(NAMES, exist_ok=True)
        self.home = os.open(HERE, os.O_RDONLY)
        self.known = {}

    def make(self, name):
        path = f'{NAMES}/{name}'
        open(path, 'w').close()
        checked(libc.unshare(CLONE_NEWNET), 'unshare')
        checked(libc.mount(HERE.encode(), path.encode(), b'none', MS_BIND, None), 'mount')
        self.known[name] = os.open(HERE, os.O_RDONLY)
        tool(['ip', 'link', 'set', 'lo', 'up'])
        self.leave()

    def enter(self, name):
        checked(libc.setns(self.known[name], CLONE_NEWNET), 'setns')

    def leave(self):
        checked(libc.setns(self.home, CLONE_NEWNET), 'setns')

    def forget(self):
        for name, space in self.known.items():
            os.close(space)
            checked(libc.umount2(f'{NAMES}/{name}'.encode(), 2), 'umount')
            os.unlink(f'{NAMES}/{name}')
        self.known = {}


def tool(argv, text=''):
    run = subprocess.run(argv, input=text, capture_output=True, text=True, errors='replace')
    return {'status': run.returncode, 'out': run.stdout, 'err': run.stderr}


class Agent:
    def __init__(self):
        self.spaces = Spaces()
        self.servers = None

    def new(self, order):
        if self.servers is not None:
            self.servers.close()
        self.spaces.forget()
        self.servers = servers.Servers()
        for name in order['spaces']:
            self.spaces.make(name)
        return {}

    def run(self, order):
        return tool(order['argv'], order.get('input', ''))

    def write(self, order):
        """Kernel parameters, by path under /proc/sys; those that are refused are told."""
        refused = []
        for path, value in order['values']:
            try:
                with open(f'/proc/sys/{path}', 'w') as parameter:
                    parameter.write(value)
            except OSError:
                refused.append(path)
        return {'refused': refused}

    def capture(self, order):
        """The outputs of all commands, for each of the namespaces."""
        script = '\n'.join(f"sh -c '{command}'; printf '{MARK[:-1]}\\n'" for command in (one.replace("'", "'\\''") for one in order['commands']))
        started = []
        for name in order['spaces']:
            self.spaces.enter(name)
            started.append(subprocess.Popen(['sh', '-c', script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
        self.spaces.leave()
        return {'outputs': [one.communicate()[0].split(MARK)[:-1] for one in started]}

    def listen(self, order):
        refused = []
        for words in order['sockets']:
            try:
                self.servers.add(order['at'], order['family'], *words)
            except OSError:
                refused.append(' '.join(words))
        return {'refused': refused}

    def connect(self, order):
        """Opens connections; what conntrack tells of new ones meanwhile, in all namespaces."""
        watch = ['conntrack', '-E', '-e', 'NEW']
        watchers = []
        for name in self.spaces.known:
            self.spaces.enter(name)
            watchers.append(subprocess.Popen(watch, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
        self.spaces.leave()
        # They say nothing when they are ready.
        time.sleep(0.2)
        results = connections.attempt(self.spaces, order['attempts'], order['patience'])
        for one in watchers:
            one.send_signal(signal.SIGINT)
        return {'results': results, 'seen': [line for one in watchers for line in one.communicate()[0].splitlines()]}

    def sleep(self, order):
        time.sleep(order['seconds'])
        return {}


def serve():
    agent = Agent()
    for line in sys.stdin:
        order = json.loads(line)
        try:
            at = order.get('at')
            if at is not None:
                agent.spaces.enter(at)
            try:
                answer = getattr(agent, order['op'])(order)
            finally:
                agent.spaces.leave()
        except Exception as error:  # the one who asked decides what a failure means
            answer = {'error': f'{type(error).__name__}: {error}'}
        sys.stdout.write(json.dumps(answer) + '\n')
        sys.stdout.flush()


serve()
