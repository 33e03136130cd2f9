/** What nothing is wrong with stays without a finding when any one of its files was not captured: what is missing is never taken for a fault. */
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { faultsIn, filesIn, type NamedText } from './sample-files.js';

const samples = fileURLToPath(new URL('../../samples/', import.meta.url));

/** Every sample's healthy twin, and the variants in which everybody is answered as well. */
const sound = [
  ...readdirSync(samples)
    .filter((name) => statSync(`${samples}${name}`).isDirectory())
    .map((name) => `${name}/healthy`),
  '09-masquerade-hides-pod-source/mended',
  '10-flannel-subnet-unreachable/host-gw',
  '10-flannel-subnet-unreachable/udp',
  '13-source-address-cannot-return/masqueraded',
  '13-source-address-cannot-return/routed',
];

const authorities = 'server-1/var/lib/rancher/k3s/server/tls';

/**
 * Files whose absence is what a rule looks for: the folder was captured, for the certificates that they signed are in it, and k3s writes and keeps them
 * side by side. Such a capture cannot be told from a node that lost the file, so the finding says what is missing and is `likely` at most.
 */
const missed: Readonly<Record<string, string>> = {
  [`04-k3s-authorities-inconsistent/healthy: ${authorities}/client-ca.crt`]: 'server-1 has no client-ca.crt',
  [`04-k3s-authorities-inconsistent/healthy: ${authorities}/request-header-ca.crt`]:
    'server-1 has no request-header-ca.crt',
  [`04-k3s-authorities-inconsistent/healthy: ${authorities}/server-ca.crt`]: 'server-1 has no server-ca.crt',
};

/** Findings that say that something is wrong, without the part of the text that a colon introduces. */
function faults(files: readonly NamedText[]): readonly string[] {
  return faultsIn(files).map(({ certainty, message }) => `${certainty}: ${message.split(':')[0]}`);
}

describe.each(sound)('%s', (path) => {
  const files = filesIn(`${samples}${path}`);

  it('is found to be sound', () => {
    expect(faults(files)).toEqual([]);
  });

  it('is found to be sound without any one of its files', () => {
    const found = files.map(([name]) => [name, faults(files.filter(([other]) => other !== name))]);
    const wanted = files.map(([name]) => {
      const missing = missed[`${path}: ${name}`];
      return [name, missing === undefined ? [] : [`likely: ${missing}`]];
    });
    expect(found).toEqual(wanted);
  });
});

it('every exemption is of a file that is there', () => {
  const tried = sound.flatMap((path) => filesIn(`${samples}${path}`).map(([name]) => `${path}: ${name}`));
  expect(Object.keys(missed).filter((one) => !tried.includes(one))).toEqual([]);
});
