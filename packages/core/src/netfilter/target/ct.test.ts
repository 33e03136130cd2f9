import { describe, expect, it } from 'vitest';
import { itPrints, itRefuses, mustRead, packet } from '../match/testing.js';
import { ct } from './ct.js';
import { notrack } from './notrack.js';

const events = 'new,related,destroy,reply,assured,protoinfo,helper,mark,natseqinfo,secmark';

describe('CT', () => {
  itPrints(
    ct,
    4,
    [
      ['', '', 'CT'],
      ['--notrack', '--notrack', 'CT notrack'],
      ['--zone 0', '', 'CT'],
      ['--zone-reply 0x10', '--zone-reply 16', 'CT zone-reply 16'],
      ['--zone-orig mark', '--zone-orig mark', 'CT zone-orig mark'],
      ['--zone-orig 1 --zone-reply 2', '--zone 2', 'CT zone 2'],
      ['--zone 1 --zone-orig 1', '--zone-orig 1', 'CT zone-orig 1'],
      [`--ctevents ${events}`, `--ctevents ${events}`, `CT ctevents ${events}`],
      ['--ctevents destroy,new', '--ctevents new,destroy', 'CT ctevents new,destroy'],
      [
        '--ctevents secmark --expevents new --zone 5 --notrack',
        '--notrack --ctevents secmark --expevents new --zone 5',
        'CT notrack ctevents secmark expevents new zone 5',
      ],
      ['--helper ftp', '--helper ftp', 'CT helper ftp'],
      ['--zone 5 --zone-reply mark', '--zone-reply mark', 'CT zone-reply mark'],
      ['--zone mark --zone-reply 5', '--zone-reply mark', 'CT zone-reply mark'],
      ['--helper 1234567890123456789', '--helper 123456789012345', 'CT helper 123456789012345'],
      ['--helper ""', '', 'CT'],
    ],
    { proto: 6, table: 'raw' },
  );
  itRefuses(ct, 4, [
    ['--zone 65536', 'no zone'],
    ['--ctevents NEW', 'no event'],
    ['--expevents new,destroy', 'no event'],
    ['--helper ftp', 'needs a protocol'],
  ]);

  it('needs no protocol for a helper that is never called', () => {
    expect(mustRead(ct, 4, '--notrack --helper x')).toMatchObject({ notrack: true, helper: 'x' });
  });

  it('leaves the packet untracked with --notrack', () => {
    expect(ct.apply?.(mustRead(ct, 4, '--notrack'), packet({ ctState: 'NEW' }))).toEqual({ kind: 'notrack' });
    expect(notrack.apply?.({}, packet({ ctState: 'NEW' }))).toEqual({ kind: 'notrack' });
  });

  itPrints(notrack, 4, [['', '', 'NOTRACK']]);
});
