/** Value types of the network: addresses, prefixes, masks, ranges, ports, hardware addresses, marks, protocols. */
export { parseDecimal, parseUint32 } from './decimal.js';

export { parseInetAton } from './inet-aton.js';
export {
  complementIntervals,
  emptyIntervals,
  type Interval,
  type IntervalSet,
  intersectIntervals,
  intervalSet,
  intervalsContain,
  intervalsOf,
  uniteIntervals,
} from './interval.js';

export { compareIp, type Family, type Ip, ip4, ip6, nextIp, previousIp, sameIp } from './ip.js';
export {
  isBroadcast4,
  isIp4Mapped,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isPrivate,
  isSharedNat,
  isUnspecified,
  isZeronet,
  unmapped,
} from './ip-kind.js';
export { formatIp, parseIp, parseIp4, parseIp4Value, parseIp6 } from './ip-text.js';
export {
  formatMac,
  isBroadcastMac,
  isGroupMac,
  isZeroMac,
  type Mac,
  type MacOptions,
  parseMac,
  sameMac,
} from './mac.js';
export {
  formatFwmark,
  formatMark,
  formatShortMark,
  fwmarkMatches,
  type Mark,
  markMatches,
  parseMark,
  setMark,
  setXmark,
} from './mark.js';
export { applyMask, bitsOf, maskLength, maskOf, wordMask } from './mask.js';
export {
  formatMasked,
  type Masked,
  masked,
  maskedContains,
  maskedOfPrefix,
  parseMasked,
  prefixOfMasked,
  sameMasked,
} from './masked.js';
export {
  formatPortRange,
  type PortRange,
  type PortRangeOptions,
  parsePort,
  parsePortRange,
  portRangeContains,
} from './port.js';
export {
  type CidrAddress,
  defaultPrefix,
  firstIp,
  formatAddressOrPrefix,
  formatPrefix,
  hostPrefix,
  lastIp,
  type Prefix,
  type PrefixOptions,
  parseCidrAddress,
  parsePrefix,
  prefixContains,
  prefixCovers,
  prefixesOverlap,
  prefixOf,
  samePrefix,
} from './prefix.js';
export { formatProto, parseProto, proto } from './proto.js';
export {
  formatRange,
  type IpRange,
  parseRange,
  prefixRange,
  type RangeOptions,
  rangeContains,
  rangesOverlap,
  rangeToPrefixes,
  sameRange,
} from './range.js';
export { parseTypedIp, parseTypedMasked } from './typed.js';
export { formatZonedIp, parseZonedIp, type ZonedIp } from './zoned.js';
