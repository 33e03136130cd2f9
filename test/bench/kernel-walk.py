"""Microseconds that the kernel takes to walk the rules with one new packet to a Service: `kernel-walk.py DUMP ADDRESS PORT` in a namespace of its own."""
import socket
import struct
import subprocess
import sys
import time

dump, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
packets = 3000


def run(command):
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)


run("ip link set lo up; ip link add va type veth peer name vb; ip link set va up; ip link set vb up")
run("ip addr add 10.128.0.1/32 dev va; ip neigh add 10.128.0.2 lladdr 02:00:00:00:00:02 dev va")
run("ip route add default via 10.128.0.2 dev va src 10.128.0.1 onlink")
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
target = socket.inet_aton(address)
source = socket.inet_aton("10.128.0.1")


def send(sport):
    udp = struct.pack("!HHHH", sport, port, 12, 0) + b"ping"
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 32, sport, 0, 64, 17, 0, source, target)
    raw.sendto(header + udp, (address, 0))


def measure():
    times = []
    for _ in range(5):
        subprocess.run(["conntrack", "-F"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        begun = time.process_time()
        for sport in range(10000, 10000 + packets):
            send(sport)
        times.append((time.process_time() - begun) / packets * 1e6)
    return sorted(times)[2]


run("iptables-legacy -t nat -A OUTPUT -d 192.0.2.1 -j DNAT --to-destination 192.0.2.2")
empty = measure()
run("iptables-legacy -t nat -F")
subprocess.run(["iptables-legacy-restore", dump], check=True)
full = measure()
print(full - empty, empty)
