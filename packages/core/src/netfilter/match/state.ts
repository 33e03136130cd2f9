/** `-m state`: the connection state alone, the older spelling of `-m conntrack --ctstate`. iptables-extensions(8); net/netfilter/xt_conntrack.c. */
import type { CtState } from '../../packet/skb.js';
import { inverted } from '../../tri.js';
import { defineMatch, isRefusal, negatable, refuse } from '../extension.js';
import { listOf, printed } from '../value.js';

export interface StateMatch {
  /** In the order of printing. */
  readonly states: readonly CtState[];
  readonly invert: boolean;
}

const printOrder = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED'] as const satisfies readonly CtState[];
const stateList = listOf('state[,state]', printOrder);

function inPrintOrder(states: readonly CtState[]): readonly CtState[] {
  return printOrder.filter((state) => states.includes(state));
}

/** The definition, with data of its own: `conntrack` does not find what was written by this older name. */
export const state = defineMatch({
  name: 'state',
  families: [4, 6],
  options: { state: negatable(stateList) },
  build: (given) =>
    given.state === undefined
      ? refuse('--state is missing')
      : { states: inPrintOrder(given.state.value), invert: given.state.invert },
  save: (data: StateMatch) => printed('--state', [data.states.join(',')], data.invert),
  listing: (cursor, cx): StateMatch | null => {
    const at = cursor.at;
    const invert = cursor.accept('!');
    if (cursor.accept('state')) {
      const states = stateList.read([cursor.take() ?? ''], cx);
      if (!isRefusal(states)) return { states: inPrintOrder(states), invert };
    }
    cursor.reset(at);
    return null;
  },
  test: (data, { skb }) => inverted(data.states.includes(skb.ctState), data.invert),
});
