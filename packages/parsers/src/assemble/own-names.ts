/** Below the heading of one machine another may follow whose heading was not understood: what it says of its own name tells. */
import { type Contribution, factsOf, type Output } from './contribution.js';

interface Below {
  /** Whose heading it is. */
  readonly node: string;
  /** The name that the machine below it said first, however the heading calls it. */
  said: string | null;
  /** Another one that spoke since. */
  other: string | null;
}

/** The outputs in their order; from where another machine says its name below a heading, they are that one's. */
export function withOwnNames(outputs: readonly Output[]): readonly Output[] {
  const places = new Map<string, Below>();
  return outputs.map((output) => {
    const [{ path, where }] = output;
    const known = places.get(path);
    if (where.headed !== true || where.node === null) {
      // What runs in a pod leads over to no other machine.
      if (where.node !== null && where.node !== known?.node) places.delete(path);
      return output;
    }
    const below = known?.node === where.node ? known : { node: where.node, said: null, other: null };
    places.set(path, below);
    const name = nameSaidIn(output);
    below.said ??= name;
    if (name !== null) below.other = name === below.said ? null : name;
    return below.other === null ? output : movedTo(output, below.other);
  });
}

/** `hostname`, `uname -a`. */
export function nameSaidIn(outputs: readonly Contribution[]): string | null {
  const said = factsOf(outputs, 'hostname')[0]?.facts.rows[0]?.text;
  const kernel = factsOf(outputs, 'kernel')[0]?.facts.rows.find(({ nodename }) => nodename !== null)?.nodename;
  return (said ?? kernel ?? null)?.split('.', 1)[0] ?? null;
}

function movedTo([first, ...more]: Output, node: string): Output {
  const moved = (one: Contribution): Contribution => ({ ...one, where: { ...one.where, node } });
  return [moved(first), ...more.map(moved)];
}
