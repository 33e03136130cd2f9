/** Every rule, sorted by id. Adding one: its folder and one line here. */

import { certSanLacksAddress } from './cert-san-lacks-address/rule.js';
import { connectionFails } from './connection-fails/rule.js';
import type { Rule } from './define-rule.js';
import { flannelBridgeOutsideSubnet } from './flannel-bridge-outside-subnet/rule.js';
import { flannelDockerBipMismatch } from './flannel-docker-bip-mismatch/rule.js';
import { flannelMtuTooLarge } from './flannel-mtu-too-large/rule.js';
import { flannelNetworkMismatch } from './flannel-network-mismatch/rule.js';
import { flannelNexthopNotOnlink } from './flannel-nexthop-not-onlink/rule.js';
import { flannelSubnetDuplicate } from './flannel-subnet-duplicate/rule.js';
import { flannelSubnetUnreachable } from './flannel-subnet-unreachable/rule.js';
import { flannelTunnelPortBlocked } from './flannel-tunnel-port-blocked/rule.js';
import { flannelVtepMacStale } from './flannel-vtep-mac-stale/rule.js';
import { flannelWrongInterface } from './flannel-wrong-interface/rule.js';
import { gatewayDoesNotForward } from './gateway-does-not-forward/rule.js';
import { ippoolOverlapsHostNetwork } from './ippool-overlaps-host-network/rule.js';
import { ipvsAddressNotLocal } from './ipvs-address-not-local/rule.js';
import { ipvsServiceMissing } from './ipvs-service-missing/rule.js';
import { ipvsSourceIsServiceAddress } from './ipvs-source-is-service-address/rule.js';
import { k3sAuthoritiesInconsistent } from './k3s-authorities-inconsistent/rule.js';
import { kubeProxyConfigInvalid } from './kube-proxy-config-invalid/rule.js';
import { masqueradeHidesPodSource } from './masquerade-hides-pod-source/rule.js';
import { neighLladdrOfOtherInterface } from './neigh-lladdr-of-other-interface/rule.js';
import { podAddressesExhausted } from './pod-addresses-exhausted/rule.js';
import { podAddressesLeaked } from './pod-addresses-leaked/rule.js';
import { serviceEndpointDead } from './service-endpoint-dead/rule.js';
import { sourceAddressCannotReturn } from './source-address-cannot-return/rule.js';
import { tcpTwRecycleBehindNat } from './tcp-tw-recycle-behind-nat/rule.js';

/** The rules of this package, sorted by id. */
export const rules: readonly Rule[] = [
  certSanLacksAddress,
  connectionFails,
  flannelBridgeOutsideSubnet,
  flannelDockerBipMismatch,
  flannelMtuTooLarge,
  flannelNetworkMismatch,
  flannelNexthopNotOnlink,
  flannelSubnetDuplicate,
  flannelSubnetUnreachable,
  flannelTunnelPortBlocked,
  flannelVtepMacStale,
  flannelWrongInterface,
  gatewayDoesNotForward,
  ippoolOverlapsHostNetwork,
  ipvsAddressNotLocal,
  ipvsServiceMissing,
  ipvsSourceIsServiceAddress,
  k3sAuthoritiesInconsistent,
  kubeProxyConfigInvalid,
  masqueradeHidesPodSource,
  neighLladdrOfOtherInterface,
  podAddressesExhausted,
  podAddressesLeaked,
  serviceEndpointDead,
  sourceAddressCannotReturn,
  tcpTwRecycleBehindNat,
];
