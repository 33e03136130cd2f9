"""udp-backend.py DEVICE OWN-ADDRESS NETWORK-PREFIX=PEER-ADDRESS...: what flanneld's udp backend does: a tun device, and its packets in UDP to port 8285."""
import fcntl, ipaddress, os, select, socket, struct, sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x1, 0x1000
device, own, *peers = sys.argv[1:]
ways = {ipaddress.ip_network(net): peer for net, peer in (one.split("=") for one in peers)}
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
wire.bind((own, 8285))
while True:
    for ready in select.select([tun, wire], [], [])[0]:
        if ready is wire:
            os.write(tun, wire.recv(65535))
            continue
        packet = os.read(tun, 65535)
        if packet[0] >> 4 != 4:
            continue
        to = ipaddress.ip_address(packet[16:20])
        for net, peer in ways.items():
            if to in net:
                wire.sendto(packet, (peer, 8285))
