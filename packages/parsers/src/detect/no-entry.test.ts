/** Shells that did not open, in the words of OpenSSH 9.2, kubectl 1.30, docker 24 and iproute2 6.1: what follows is of the machine where they were asked for. */
import { expect, test } from 'vitest';
import { snapshotOf } from '../assemble/testing.js';

/** The machines that have routes. */
function routed(text: string): readonly string[] {
  const { nodes } = snapshotOf(`${text}$ ip route\ndefault via 10.0.0.1 dev eth0\n`);
  return nodes.filter(({ host }) => host.routes.rows.length > 0).map(({ name }) => name);
}

test.each([
  ['ssh node-7', 'ssh: connect to host node-7 port 22: Connection refused'],
  ['ssh node-7', 'ssh: Could not resolve hostname node-7: Name or service not known'],
  ['ssh admin@node-7', 'admin@node-7: Permission denied (publickey).'],
  ['ssh node-7', 'Connection closed by 10.0.0.7 port 22'],
  ['ssh node-7', 'Connection to node-7 closed by remote host.'],
  ['kubectl exec -it shop-0 -- sh', 'Error from server (NotFound): pods "shop-0" not found'],
  ['kubectl exec -it shop-0 -- sh', 'error: unable to upgrade connection: container not found ("shop")'],
  ['docker exec -it web sh', 'Error response from daemon: No such container: web'],
  ['ip netns exec blue bash', 'Cannot open network namespace "blue": No such file or directory'],
])('%s: %s', (command, message) => {
  expect(routed(`$ hostname\nbox\n$ ${command}\n${message}\n`)).toEqual(['box']);
});

test('a password that is typed wrong first, and a warning, keep nobody out', () => {
  const greeting =
    "Warning: Permanently added 'node-7' (ED25519) to the list of known hosts.\nPermission denied, please try again.\nLast login: Sun Nov 22 20:00:00 2026 from 10.0.0.1\n";
  expect(routed(`$ hostname\nbox\n$ ssh node-7\n${greeting}`)).toEqual(['node-7']);
});

test('a prompt of the machine behind a pod that was not entered is its own', () => {
  const text =
    '$ kubectl exec -it shop-0 -- sh\nError from server: error dialing backend: dial tcp 10.0.0.9:10250: i/o timeout\n\nbox:~ # ip route\ndefault via 10.0.0.1 dev eth0\n';
  const { nodes } = snapshotOf(text);
  expect(nodes.filter(({ host }) => host.routes.rows.length > 0).map(({ name }) => name)).toEqual(['box']);
});
