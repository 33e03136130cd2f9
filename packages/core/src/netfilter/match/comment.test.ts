import { describe } from 'vitest';
import { comment } from './comment.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['--comment plain', '--comment plain', '/* plain */'],
  ['--comment "a b"', '--comment "a b"', '/* a b */'],
  ['--comment ""', '--comment ""', '/*  */'],
  ['--comment "a */ b"', '--comment "a */ b"', null],
  ['--comment käse', '--comment "käse"', '/* käse */'],
  ['--comment "a\'b\\"c\\\\d"', '--comment "a\\\'b\\"c\\\\d"', '/* a\'b"c\\d */'],
  [`--comment ${'a'.repeat(300)}`, `--comment ${'a'.repeat(255)}`, `/* ${'a'.repeat(255)} */`],
] as const;

describe('comment', () => {
  itPrints(comment, 4, rows);
  itPrints(comment, 6, rows);
  itRefuses(comment, 4, [
    ['', 'missing'],
    ['! --comment x', 'takes no !'],
    [`--comment ${'a'.repeat(254)}ä`, 'does not fit'],
  ]);
  itTests(comment, [['it is always true', '--comment x', packet(), 'yes']]);
});
