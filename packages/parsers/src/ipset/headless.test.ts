/** Members without the header of their set: `ipset list NAME` behind a filter. ipset(8). */
import { describe, expect, test } from 'vitest';
import { codesOf, ledgersAreComplete, onlyNode, snapshotOf } from '../assemble/testing.js';

const prompt = '[root@n ~]# ';
const header = (name: string) =>
  `Name: ${name}\nType: hash:net\nRevision: 7\nHeader: family inet hashsize 1024 maxelem 65536\nSize in memory: 500\nReferences: 1\nNumber of entries: 2\nMembers:\n`;
const nets = '10.7.0.0/24\n10.8.0.0/24\n';

function setsOf(text: string): readonly string[] {
  const snapshot = snapshotOf(text);
  expect(ledgersAreComplete(snapshot)).toBe(true);
  return onlyNode(snapshot).host.ipsets.rows.map(
    ({ name, type, elements, complete }) => `${name} ${type} ${elements.length} ${complete ? 'whole' : 'open'}`,
  );
}

describe('members whose set only the command names', () => {
  test.each<readonly [string, string]>([
    ['ipset list MINE | tail -2', nets],
    ['ipset -L MINE | grep 10', nets],
    ["sudo ipset list MINE | sed '1,8d'", nets],
    ['ipset list MINE | grep tcp', '10.7.0.1,tcp:443\n10.7.0.2,udp:53 timeout 30\n'],
  ])('%s: a set of unknown type that holds nobody knows what', (command, members) => {
    const text = `${prompt}${command}\n${members}`;
    expect(setsOf(text)).toEqual(['MINE unknown 0 open']);
    expect(codesOf(snapshotOf(text))).toEqual(['ipset/no-header']);
    expect(snapshotOf(text).read[0]?.counts).toMatchObject({ opaque: 2, unrecognized: 0 });
  });

  test('a listing with the header tells more, before or behind', () => {
    const part = `${prompt}ipset list MINE | tail -1\n10.8.0.0/24\n`;
    const whole = `${prompt}ipset list MINE\n${header('MINE')}${nets}`;
    for (const text of [part + whole, whole + part]) expect(setsOf(text)).toEqual(['MINE hash:net 2 whole']);
  });

  test('no member shown is no set without members', () => {
    expect(setsOf(`${prompt}ipset list MINE | grep 192\n${prompt}ipset list OTHER\n${header('OTHER')}${nets}`)).toEqual(
      ['OTHER hash:net 2 whole'],
    );
  });
});
