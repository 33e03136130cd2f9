/** Changes of a snapshot, one command at a time: pure, and refused where the real tools refuse. */

export { type AddressSelector, addAddress, deleteAddress, flushAddresses } from './addresses.js';
export { andThen, type Changed, done, each, open, refused, stopped } from './changed.js';
export { checkedHop, checkedSource, findLink } from './gateway.js';
export {
  addElements,
  createSet,
  deleteElements,
  destroySet,
  destroySets,
  findSet,
  flushSet,
  flushSets,
  hasElements,
  renameSet,
  swapSets,
} from './ipsets.js';
export { clearIpvs, type IpvsVerb, putServer, putVirtual } from './ipvs.js';
export { addLink, changeLink, deleteLink, type LinkChange } from './links.js';
export { type EntryVerb, flushNeighbours, putFdb, putNeighbour } from './neighbours.js';
export { addRule, deleteRule as deletePolicyRule, flushRules, type RuleSelector } from './policy-rules.js';
export { deleteRoute, keepRoutes, putRoute, type RouteSelector, type RouteVerb } from './routes.js';
export { setsOfRule } from './set-references.js';
export { changeSysctl } from './sysctls.js';
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
