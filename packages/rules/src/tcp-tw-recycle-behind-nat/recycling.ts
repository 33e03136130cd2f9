/** Does the kernel of a node recycle sockets in TIME_WAIT by the peer's timestamp? Until 4.12 net.ipv4.tcp_tw_recycle did that. Documentation/networking/ip-sysctl.txt of 4.11. */
import type { Evidence, Node, Sysctl } from '@coldtrace/core';

export interface Recycling {
  readonly evidence: readonly Evidence[];
  /** What was not captured and is taken to be so. */
  readonly assumptions: readonly string[];
  /** The values were read from the kernel, not from a file of settings or damaged text. */
  readonly captured: boolean;
}

const recycleKey = 'net/ipv4/tcp_tw_recycle';
const timestampsKey = 'net/ipv4/tcp_timestamps';

/** `no`: it cannot, or does not; `unknown`: the parameter was not captured, and the kernel may be old enough. */
export function recyclingOf(node: Node): Recycling | 'no' | 'unknown' {
  const { sysctl } = node.host;
  const old = isOld(node);
  if (old === false) return 'no';
  const recycle = sysctl.byKey.get(recycleKey);
  if (recycle === undefined) return sysctl.state === 'complete' ? 'no' : 'unknown';
  if (recycle.value.trim() === '0') return 'no';
  const timestamps = sysctl.byKey.get(timestampsKey);
  if (timestamps?.value.trim() === '0') return 'no';
  return {
    evidence: [
      line(recycle, 'SYNs are held against the newest timestamp of their address'),
      ...(timestamps === undefined ? [] : [line(timestamps, 'timestamps are in use')]),
      ...kernelLine(node),
    ],
    assumptions: [
      ...(timestamps === undefined && sysctl.state !== 'complete'
        ? [`net.ipv4.tcp_timestamps of ${node.name} is 1, the default`]
        : []),
      ...(old === null
        ? [
            `the kernel of ${node.name} is older than 4.12, since newer ones have no tcp_tw_recycle (uname is not in the snapshot)`,
          ]
        : []),
      ...(recycle.trust === 'claimed'
        ? ['what a file of settings, or somebody, says of the parameter is what the kernel has']
        : []),
    ],
    captured: [recycle, timestamps].every((row) => row === undefined || (row.trust ?? 'captured') === 'captured'),
  };
}

function line({ span }: Sysctl, why: string): Evidence {
  return { span, why };
}

/** Null: nothing tells. */
function isOld({ kernel }: Node): boolean | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel?.release ?? '') ?? [];
  if (major === undefined || minor === undefined) return null;
  return Number(major) < 4 || (Number(major) === 4 && Number(minor) < 12);
}

function kernelLine({ kernel }: Node): readonly Evidence[] {
  return kernel === null ? [] : [{ span: kernel.span, why: 'a kernel older than 4.12 does so' }];
}
