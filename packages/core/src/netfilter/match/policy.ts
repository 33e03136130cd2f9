/** `-m policy`: the IPsec transformations that a packet went or will go through. iptables-extensions(8); net/netfilter/xt_policy.c. */
import { type Tri, unknown } from '../../tri.js';
import {
  type Choose,
  defineMatch,
  isRefusal,
  negatable,
  option,
  type ReadContext,
  type Refusal,
  refuse,
} from '../extension.js';
import { flag, oneOf, pick, printed } from '../value.js';
import {
  elementsOf,
  endpoint,
  ipsecProto,
  isTunnel,
  type PolicyElement,
  policyMode,
  policyNumber,
  readListedElement,
  saveElement,
} from './policy-element.js';

export interface PolicyMatch {
  readonly dir: 'in' | 'out';
  readonly pol: 'none' | 'ipsec';
  /** All elements in this order, instead of any one. */
  readonly strict: boolean;
  /** Empty for `--pol none`. */
  readonly elements: readonly PolicyElement[];
}

const mostElements = 4;

export const policy = defineMatch({
  name: 'policy',
  families: [4, 6],
  options: {
    dir: option(oneOf(['in', 'out'])),
    pol: option(oneOf(['none', 'ipsec'])),
    strict: option(flag),
    reqid: negatable(policyNumber, { repeatable: true }),
    spi: negatable(policyNumber, { repeatable: true }),
    'tunnel-src': negatable(endpoint, { repeatable: true }),
    'tunnel-dst': negatable(endpoint, { repeatable: true }),
    proto: negatable(ipsecProto, { repeatable: true }),
    mode: negatable(policyMode, { repeatable: true }),
    next: option(flag, { repeatable: true }),
  },
  sample: (choose, cx) => {
    const out = cx.chain === 'OUTPUT' || cx.chain === 'POSTROUTING' || (cx.chain === 'FORWARD' && choose(2) === 0);
    const start = ['--dir', out ? 'out' : 'in'];
    if (choose(4) === 0) return [...start, '--pol', 'none'];
    const count = pick(choose, [0, 1, 1, 2, 3, mostElements]);
    const elements = Array.from({ length: count }, (_, index) => [
      ...(index === 0 ? [] : ['--next']),
      ...sampleElement(choose, cx),
    ]);
    return [...start, '--pol', 'ipsec', ...(count > 1 ? ['--strict'] : []), ...elements.flat()];
  },
  build: (given, cx): PolicyMatch | Refusal => {
    if (given.dir === undefined) return refuse('--dir is missing');
    const dir = given.dir.value;
    const wrong = wrongSide(dir, cx.chain);
    if (wrong !== null) return refuse(wrong);
    const next = (given.next?.all ?? []).map(({ at }) => at);
    if (next.length >= mostElements) return refuse(`more than ${mostElements} elements are given`);
    const strict = given.strict !== undefined;
    const elements = elementsOf(given, next);
    if (isRefusal(elements)) return elements;
    if (given.pol?.value === 'none') {
      return strict || next.length > 0
        ? refuse('--pol none leaves nothing for --strict and --next')
        : { dir, pol: 'none', strict: false, elements: [] };
    }
    if (next.length > 0 && !strict) return refuse('--next needs --strict');
    if (strict && elements.some((element) => element.length === 0)) return refuse('an element asks for nothing');
    const tunnelled = ({ kind }: PolicyElement[number]) => kind === 'tunnel-dst' || kind === 'tunnel-src';
    if (elements.some((element) => element.some(tunnelled) && !isTunnel(element))) {
      return refuse('--tunnel-src and --tunnel-dst need --mode tunnel');
    }
    return { dir, pol: 'ipsec', strict, elements: elements.filter((element) => element.length > 0) };
  },
  save: (data) => [
    ...['--dir', data.dir, '--pol', data.pol],
    ...(data.strict ? ['--strict'] : []),
    ...data.elements.flatMap((element, index) => [...(index === 0 ? [] : ['--next']), ...saveElement(element)]),
  ],
  listing: (cursor, cx): PolicyMatch | null => {
    const at = cursor.at;
    if (cursor.accept('policy', 'match', 'dir')) {
      const dir = cursor.take();
      const pol = cursor.accept('pol') ? cursor.take() : null;
      const strict = cursor.accept('strict');
      const elements: PolicyElement[] = [];
      do {
        cursor.accept(`[${elements.length}]`);
        const element = readListedElement(cursor, cx);
        if (element.length > 0) elements.push(element);
      } while (cursor.peek() === `[${elements.length}]` && elements.length < mostElements);
      if ((dir === 'in' || dir === 'out') && (pol === 'none' || pol === 'ipsec')) return { dir, pol, strict, elements };
    }
    cursor.reset(at);
    return null;
  },
  test: ({ dir, pol }, { around }): Tri => {
    const some = around.hasIpsec?.(dir) ?? true;
    if (some === false) return pol === 'none';
    if (typeof some === 'object') return some;
    return unknown(
      dir === 'in'
        ? 'whether the packet came out of IPsec is not known'
        : 'which IPsec policy the packet would meet is not modelled',
    );
  },
});

function wrongSide(dir: 'in' | 'out', chain: string | null): string | null {
  if (dir === 'out' && (chain === 'PREROUTING' || chain === 'INPUT')) return `--dir out is not known yet in ${chain}`;
  if (dir === 'in' && (chain === 'OUTPUT' || chain === 'POSTROUTING')) return `--dir in is of no use in ${chain}`;
  return null;
}

function sampleElement(choose: Choose, cx: ReadContext): readonly string[] {
  const not = () => choose(4) === 0;
  const which = choose(32);
  const some = [
    ...((which & 1) !== 0 ? printed('--reqid', policyNumber.sample(choose, cx), not()) : []),
    ...((which & 2) !== 0 ? printed('--spi', policyNumber.sample(choose, cx), not()) : []),
    ...((which & 4) !== 0 ? printed('--proto', ipsecProto.sample(choose, cx), not()) : []),
  ];
  if (some.length > 0 && (which & 8) === 0) return some;
  if ((which & 16) === 0) return [...some, '--mode', 'transport'];
  return [
    ...[...some, '--mode', 'tunnel'],
    ...(not() ? [] : printed('--tunnel-src', endpoint.sample(choose, cx), not())),
    ...(not() ? printed('--tunnel-dst', endpoint.sample(choose, cx), not()) : []),
  ];
}
