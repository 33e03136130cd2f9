"""Builds nodes in network namespaces, sends packets at them and tells what the kernel did: one JSON object a line, in and out.

Run by agent.ts in a namespace of its own. Every object has "op"; the answer has "error" when the order could not be carried out.
"""
import ctypes
import glob
import json
import os
import subprocess
import sys
import time

import conntrack
import process
from counters import LegacyCounters, NftCounters
from netlink import Nfnetlink
from watch import CHAINS, Logs, Peer, Sentinel, own_addresses

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
HERE = '/proc/self/ns/net'


def enter(namespace):
    if libc.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'setns')


def new_namespace():
    """A namespace of its own, which is where we are afterwards."""
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'unshare')
    return os.open(HERE, os.O_RDONLY)


def tool(argv, text=''):
    run = subprocess.run(argv, input=text, capture_output=True, text=True, errors='replace')
    return {'status': run.returncode, 'out': run.stdout, 'err': run.stderr}


def received():
    """How many packets each device of the namespace has received."""
    with open('/proc/thread-self/net/dev') as table:
        rows = [line.split(':') for line in table.readlines()[2:]]
    return {name.strip(): int(words.split()[1]) for name, words in rows}


class Node:
    """The node under test, where the process itself stays, and the outside world with the far ends of its cables."""

    def __init__(self):
        self.outside = new_namespace()
        tool(['sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1'])
        tool(['ip', '-batch', '-'], 'link add sync0 type veth peer name sync1\nlink set sync0 up\nlink set sync1 up\n')
        self.sentinel = Sentinel()
        self.inside = new_namespace()
        loaded = tool(['nft', '-f', '-'], CHAINS)
        if loaded['status']:
            raise RuntimeError(loaded['err'])
        self.logs = Logs()
        self.netlink = Nfnetlink()
        self.peers = {}
        self.counters = []
        self.counted = {}
        self.tracked = False
        self.known = []
        self.renewed = []
        self.listening = []
        self.stacked = []

    def close(self):
        for one in [self.sentinel, self.logs, self.netlink, *self.peers.values(), *self.listening]:
            one.close()
        self.forget_counters()
        os.close(self.inside)
        os.close(self.outside)

    def forget_counters(self):
        for one in self.counters:
            if isinstance(one, LegacyCounters):
                one.close()
        self.counters = []

    def attach(self, names):
        enter(self.outside)
        try:
            self.peers = {name: Peer(name) for name in names}
        finally:
            enter(self.inside)

    def watch_rules(self, family, variants):
        shown = json.loads(tool(['ip', '-j', 'link', 'show', 'up', 'type', 'macvlan'])['out'] or '[]')
        self.stacked = [one['ifname'] for one in shown if 'ifname' in one]
        tool(['nft', '-f', '-'], own_addresses(json.loads(tool(['ip', '-j', 'addr'])['out'] or '[]')))
        self.forget_counters()
        self.be_patient()
        for variant in variants:
            self.counters.append(LegacyCounters(family) if variant == 'legacy' else NftCounters(self.netlink, family))
        self.counted = self.count()

    def be_patient(self):
        """What waits for a neighbour is answered seconds later by "unreachable": on a busy machine that would be in the midst of another probe."""
        for path in glob.glob('/proc/sys/net/ipv[46]/neigh/*/mcast_solicit'):
            with open(path, 'w') as parameter:
                parameter.write('1000')

    def recall(self):
        for command in self.known:
            tool(command)

    def count(self):
        return {rule: packets for one in self.counters for rule, packets in one.read()}

    def settle(self):
        self.sentinel.wait()

    def await_copies(self, before):
        """What is broadcast to macvlan devices waits for a worker, and not in the queue where sentinels wait."""
        for _ in range(250):
            after = received()
            if all(after[name] > before[name] for name in self.stacked):
                return
            time.sleep(0.004)

    def drain(self):
        logs = self.logs.read()
        frames = [frame for peer in self.peers.values() for frame in peer.read()]
        return logs, frames

    def probe(self, order):
        if order.get('fresh') and self.tracked:
            conntrack.flush(self.netlink, order['family'])
            self.recall()
        if order.get('fresh'):
            for argv, text in self.renewed:
                tool(argv, text)
        told = bool(self.known) or not order.get('fresh')
        before = conntrack.counted(conntrack.entries(self.netlink, order['family'])) if told else {}
        self.settle()
        self.drain()
        self.counted = self.count()
        sent = {'errno': None, 'src': None}
        if 'frame' in order:
            frame = bytes.fromhex(order['frame'])
            arrived = received() if frame[0] & 1 and self.stacked else None
            self.peers[order['port']].send(frame)
            if arrived is not None:
                self.await_copies(arrived)
        else:
            sent = process.send(order['socket'])
        self.settle()
        logs, frames = self.drain()
        after = self.count()
        hits = [[*rule, packets - self.counted.get(rule, 0)] for rule, packets in after.items() if packets != self.counted.get(rule, 0)]
        entries = conntrack.entries(self.netlink, order['family'])
        # To empty the table costs more than all the rest.
        self.tracked = len(entries) > 0 or bool(self.known)
        own = conntrack.touched(before, entries)
        # Where packets are not counted an entry that was there before tells nothing.
        if not own and not self.known:
            own = entries
        return {**sent, 'logs': logs, 'frames': frames, 'hits': hits, 'conntrack': own, 'table': entries}


class Agent:
    def __init__(self):
        self.node = None

    def new(self, _order):
        if self.node is not None:
            self.node.close()
        self.node = Node()
        return {}

    def cable(self, order):
        """veth pairs: a device of the node and p0, p1, … outside."""
        end = f'/proc/{os.getpid()}/fd/{self.node.outside}'
        ends = [f'p{at}' for at in range(len(order['devices']))]
        pairs = list(zip(order['devices'], ends))
        lines = [f'link add {name} address {mac} type veth peer name {far} netns {end}' for (name, mac), far in pairs]
        made = tool(['ip', '-batch', '-'], '\n'.join(lines) + '\n')
        enter(self.node.outside)
        try:
            tool(['ip', '-batch', '-'], ''.join(f'link set {far} up\n' for far in ends))
        finally:
            enter(self.node.inside)
        self.node.attach(ends)
        return made

    def run(self, order):
        return tool(order['argv'], order.get('input', ''))

    def capture(self, order):
        started = [
            subprocess.Popen(['sh', '-c', command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for command in order['commands']
        ]
        return {'outputs': [one.communicate()[0] for one in started]}

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

    def watch(self, order):
        self.node.watch_rules(order['family'], order['variants'])
        return {}

    def probe(self, order):
        return self.node.probe(order)

    def remember(self, order):
        self.node.known = order['commands']
        self.node.tracked = True
        self.node.recall()
        return {}

    def renew(self, order):
        self.node.renewed = order['commands']
        return {}

    def listen(self, order):
        refused = []
        for words in order['sockets']:
            try:
                self.node.listening.append(process.listener(order['family'], *words))
            except OSError:
                refused.append(' '.join(words))
        return {'refused': refused}

    def sleep(self, order):
        time.sleep(order['seconds'])
        return {}


def serve():
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[os.getpid() % len(os.sched_getaffinity(0))]})
    agent = Agent()
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = getattr(agent, order['op'])(order)
        except Exception as error:  # the one who asked decides what a failure means
            answer = {'error': f'{type(error).__name__}: {error}'}
        sys.stdout.write(json.dumps(answer) + '\n')
        sys.stdout.flush()


serve()
