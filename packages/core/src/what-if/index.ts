/** Changes of a snapshot, one command at a time: pure, and refused where the real tools refuse. */
export { andThen, type Changed, done, each, open, refused } from './changed.js';
export { setsOfRule } from './set-references.js';
export { spliceRows } from './spliced-rows.js';
export {
  addRules,
  type ChainPlace,
  deleteChain,
  deleteChains,
  deleteRule,
  findRule,
  flushChain,
  flushTable,
  hasChain,
  newChain,
  openTable,
  renameChain,
  replaceRule,
  setPolicy,
  zeroChain,
} from './xtables.js';
