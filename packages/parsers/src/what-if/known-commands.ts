/** What is known of commands by their name alone. */

/** Commands without an effect on what dumps show. */
export const idle = new Set([
  'echo',
  'printf',
  'set',
  'sleep',
  'sync',
  'date',
  'hostname',
  'uname',
  'true',
  ':',
  'modprobe',
  'mkdir',
  'chmod',
  'chown',
  'cd',
  'umask',
  'pwd',
  'id',
  'whoami',
  'ls',
  'cat',
  'test',
  '[',
  'which',
  'type',
  'command',
]);

/** Of these, those whose answer nobody knows who has no such machine. */
export const unsure = new Set(['ls', 'cat', 'test', '[', 'which', 'type', 'command']);

/** Commands whose effect comes from a program that reacts to them. */
export const daemons = new Set([
  'systemctl',
  'service',
  'openssl',
  'docker',
  'crictl',
  'nerdctl',
  'k3s',
  'kubeadm',
  'reboot',
  'kill',
  'pkill',
  'netplan',
  'nmcli',
  'calicoctl',
  'etcdctl',
  'cp',
  'mv',
  'update-ca-certificates',
]);
