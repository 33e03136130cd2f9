/** What can be wrong with the commands of a what-if: the closed codes of the family `what-if`. */
import { defineCodes } from '@coldtrace/core';

export const whatIfProblem = defineCodes('what-if', {
  'unknown-command': {
    severity: 'error',
    text: '"{command}" is no command that can be simulated',
    hint: 'iptables, ip6tables and their -restore, ipset, ip, sysctl, bridge fdb, ipvsadm, @node, @file, rm and kubectl apply, patch, label, annotate and delete are',
  },
  prompt: {
    severity: 'error',
    text: '"{prompt}" is the prompt of a shell, and no part of the command',
    hint: 'leave the prompt out; "@node NAME" on a line before says where a command runs',
  },
  unsupported: { severity: 'error', text: '{what} cannot be simulated' },
  pipe: {
    severity: 'error',
    text: 'a pipe is not carried out: what "{command}" would be given is made by another program',
    hint: 'write out what comes of it, as in iptables-restore -n <<EOF, or as one command a line',
  },
  'part-of-object': {
    severity: 'error',
    text: '"{command}" changes a part of an API object, which is not carried out',
    hint: 'write what changes: kubectl patch, or the whole object as it is then: kubectl apply -f - <<EOF',
  },
  daemon: { severity: 'error', text: 'what "{command}" sets off is the doing of a daemon, which cannot be simulated' },
  refused: { severity: 'error', text: '{tool} refuses this: {why}' },
  'not-captured': { severity: 'error', text: 'whether {tool} would do this cannot be told: {why}' },
  variable: {
    severity: 'error',
    text: 'variables, substitutions and patterns are not carried out: "{text}"',
    hint: 'write the value out',
  },
  syntax: { severity: 'error', text: 'this is no shell command: {why}' },
  'bad-words': { severity: 'error', text: '{tool}: {why}' },
  'no-node': {
    severity: 'error',
    text: 'the snapshot has several nodes and nothing says on which this runs',
    hint: 'write "@node NAME" on a line before it, or name the node; known are {known}',
  },
  'unknown-node': { severity: 'error', text: 'the snapshot has no node {name}', hint: 'known are {known}' },
  'unknown-netns': { severity: 'error', text: 'node {node} has no captured namespace {name}' },
});
