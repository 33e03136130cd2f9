import { describe, expect, it } from 'vitest';
import { failureMessage } from './failure.js';

describe('a command that failed', () => {
  it.each([
    '-bash: ipset: command not found',
    'bash: ipset: command not found...',
    'sh: 1: ipset: not found',
    '/bin/sh: ipvsadm: not found',
    "ls: cannot access '/var/lib/cni/networks': No such file or directory",
    'cat: /proc/sys/net/bridge/bridge-nf-call-iptables: No such file or directory',
    '-bash: /usr/sbin/iptables: Permission denied',
    'RTNETLINK answers: Operation not permitted',
    'Cannot open netlink socket: Protocol not supported',
    "Can't initialize ipvs: Protocol not available",
    'Error from server (Forbidden): pods is forbidden',
    'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    "timeout: failed to run command 'crictl': No such file or directory",
    'sudo: iptables-save: command not found',
    'bash: ip: 未找到命令',
    'cat: /proc/sys/net/ipv4/ip_forward: 权限不够',
    'bash: conntrack: Kommando nicht gefunden.',
    'bash: ss: commande introuvable',
    'bash: ipset: orden no encontrada',
    'cat: /proc/sys/net/ipv4/ip_forward: Permiso denegado',
    '-bash: nft: comando não encontrado',
    'bash: ipset: команда не найдена',
    'cat: /etc/cni/net.d: Нет такого файла или каталога',
    'bash: conntrack: 명령을 찾을 수 없음',
    'zsh: command not found: sysctl',
    'command terminated with exit code 127',
    "System has not been booted with systemd as init system (PID 1). Can't operate.",
    'Failed to connect to bus: Host is down',
  ])('%s', (line) => expect(failureMessage(line)).toBe(line));

  it.each([
    '',
    'permission denied',
    'I think that the command was not found',
    'the file was not found, so no such file or directory',
    'net.ipv4.ip_forward = 1',
    '-A INPUT -m comment --comment "not found" -j DROP',
    `${'x'.repeat(2000)}: command not found`,
  ])('is not %j', (line) => expect(failureMessage(line)).toBe(null));

  it('comes without the blanks around it', () => {
    expect(failureMessage('  bash: x: command not found \r')).toBe('bash: x: command not found');
  });
});
