/** Names of kube-proxy's per-service chains: kubernetes pkg/proxy/iptables/proxier.go, `portProtoHash` and its callers. */
import { createHash } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const HASH_CHARACTERS = 16;

/** RFC 4648 base32 of the SHA-256 digest, cut to 16 characters: 80 bits, so ten bytes are enough. */
function hash(text: string): string {
  const digest = createHash('sha256').update(text, 'utf8').digest();
  let out = '';
  let bits = 0;
  let held = 0;
  for (const byte of digest) {
    bits = (bits << 8) | byte;
    held += 8;
    while (held >= 5) {
      held -= 5;
      out += BASE32.charAt((bits >>> held) & 31);
      bits &= (1 << held) - 1;
    }
    if (out.length >= HASH_CHARACTERS) break;
  }
  return out.slice(0, HASH_CHARACTERS);
}

/** `KUBE-SVC-` cluster policy, `KUBE-SVL-` local policy, `KUBE-EXT-` external traffic, `KUBE-FW-` source ranges. */
export type ServiceChainPrefix = 'KUBE-SVC-' | 'KUBE-SVL-' | 'KUBE-EXT-' | 'KUBE-FW-';

export function serviceChain(prefix: ServiceChainPrefix, servicePortName: string, proto: string): string {
  return prefix + hash(servicePortName + proto);
}

export function endpointChain(servicePortName: string, proto: string, endpoint: string): string {
  return `KUBE-SEP-${hash(servicePortName + proto + endpoint)}`;
}
