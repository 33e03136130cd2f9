/** What `ip addr` and `ip link` print of the loopback device, first in every list; for worlds that are written by hand. */
const header = '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN';
const hardware = '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n';

export const loAddress = `${header} group default qlen 1000\n${hardware}    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n`;
export const loLink = `${header} mode DEFAULT group default qlen 1000\n${hardware}`;
