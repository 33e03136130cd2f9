/** The public surface of @coldtrace/core. */
export * from './capture/table.js';
export * from './diagnostic/code-frame.js';
export * from './diagnostic/diagnostic.js';
export * from './diagnostic/printable.js';
export { fit, textWidth, wrap } from './diagnostic/width.js';
export * from './inet/index.js';
export { type Dimension, type SetChange, type SetType, setTypeNamed, setTypes } from './ipset/index.js';
export { schedule } from './ipvs/schedule.js';
export { showsIpvsSettings } from './ipvs/settings.js';
export * from './ledger/ledger.js';
export {
  type Choose,
  type Given,
  type GivenTable,
  isRefusal,
  type MatchDef,
  matchData,
  type NativeMatch,
  type Option,
  type ReadContext,
  type Refusal,
  type TargetDef,
  targetData,
  type ValueType,
} from './netfilter/extension.js';
export { builtinChains, type Hook, isBuiltinChain, type TableName, tableNames } from './netfilter/hook.js';
export * from './netfilter/listing-cursor.js';
export { comment } from './netfilter/match/comment.js';
export { conntrack } from './netfilter/match/conntrack.js';
export { matchDefs } from './netfilter/match/index.js';
export { set as setMatch } from './netfilter/match/set.js';
export { state } from './netfilter/match/state.js';
export { statistic } from './netfilter/match/statistic.js';
export { tcp } from './netfilter/match/tcp.js';
export { udp } from './netfilter/match/udp.js';
export { lostInNft } from './netfilter/native-match.js';
export * from './netfilter/packet-input.js';
export { printRule } from './netfilter/print-rule.js';
export * from './netfilter/print-tables.js';
export { quote } from './netfilter/quote.js';
export * from './netfilter/registry.js';
export { servicePort } from './netfilter/service-port.js';
export { dnat } from './netfilter/target/dnat.js';
export { targetDefs } from './netfilter/target/index.js';
export type {
  Connection,
  ConnTemplate,
  ConnZone,
  CtState,
  Drawn,
  IcmpHeader,
  OpenSocket,
  QuotedPacket,
  Skb,
  TcpHeader,
  Traffic,
  Unaltered,
} from './packet/skb.js';
export { ingress } from './path/ingress.js';
export type { FinalPacket, Outcome, Reply } from './path/outcome.js';
export { type AssumeMode, type KernelParameter, type Place, placeOf, sysctl } from './path/place.js';
export { placesOf } from './path/places.js';
export * from './path/surroundings.js';
export { trace } from './path/trace.js';
export type { Origin, Trace, TraceQuestion, TraceVerdict } from './path/trace-question.js';
export { areNoPair } from './path/veth.js';
export { type Carried, type Choice, type Exit, type Hop, newWorld, type WayTaken, type World } from './path/world.js';
export * from './probe/answer.js';
export * from './probe/ask.js';
export {
  type AnswerLine,
  type Interview,
  interview,
  type Memory,
  type WrittenInterview,
  writtenInterview,
} from './probe/interview.js';
export * from './probe/parse.js';
export type { Probed, Way } from './probe/probed.js';
export * from './probe/question.js';
export { type Refuted, type ReplaySnapshot, replay } from './replay/replay.js';
export * from './route/lookup.js';
export {
  type Grounds,
  type RouteAnswer,
  type RouteErrno,
  type RouteErrorType,
  type RouteQuestion,
  towardsOf,
} from './route/question.js';
export { type SourceAnswer, selectSource } from './route/source.js';
export * from './snapshot/address.js';
export * from './snapshot/bare-rows.js';
export * from './snapshot/captured.js';
export * from './snapshot/certificate.js';
export * from './snapshot/conntrack.js';
export * from './snapshot/dump.js';
export * from './snapshot/facts.js';
export * from './snapshot/fib-trie.js';
export * from './snapshot/host.js';
export * from './snapshot/ipset.js';
export * from './snapshot/ipvs.js';
export * from './snapshot/kubernetes.js';
export * from './snapshot/link.js';
export * from './snapshot/neighbour.js';
export * from './snapshot/node.js';
export * from './snapshot/observation.js';
export * from './snapshot/policy-rule.js';
export * from './snapshot/queue.js';
export * from './snapshot/recent-list.js';
export * from './snapshot/route.js';
export * from './snapshot/snapshot.js';
export * from './snapshot/socket.js';
export * from './snapshot/sysctl.js';
export * from './snapshot/xtables.js';
export * from './source/line-index.js';
export * from './source/source-file.js';
export * from './source/span.js';
export type { Reason, Tri, Unknown } from './tri.js';
export type { Disposition, Ending } from './verdict/disposition.js';
export * from './verdict/fraction.js';
export * from './verdict/step.js';
export { type Site, stepsOf, type Trail } from './verdict/trail.js';
export * from './what-if/index.js';
