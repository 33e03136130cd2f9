/** Whether words are a command somebody ran, rather than a sentence that begins with a command's name. */
import { wordSet } from '../text/word-set.js';
import { isAliased, readCommands } from './command.js';
import { isTool, nearestTool } from './tools.js';

/** Names of tools that are words of the language too: they need arguments that no sentence has. */
const alsoWords = wordSet(`
  time host find route for while test more less free top watch which type who w source service date
  exit kill echo id sort head tail touch export bridge clear env salt
`);

/** Of these a name alone says nothing: a word on a line of its own, as a window leaves it. */
const needArguments = wordSet(
  'time host find for while test which type source service kill sort head tail touch bridge',
);

const argumentWords = wordSet(`
  show list ls save add del delete replace change get set up down flush append addr address a link l
  route r ro rule neigh neighbor neighbour n netns maddr nexthop addrlabel tunnel table all main local
  default dev via src exec fdb vlan mdb nat filter mangle raw describe logs pods pod po svc services
  service nodes node ep endpoints endpointslices cm configmap ds daemonset ippool networkpolicy status
  restart start stop ps images inspect version qdisc prog ruleset tables xfrm state policy stats
  verify brief net vrf netconf tcp_metrics ntable class token chain chains ns events dst host port info device connection numbered and or not tcp udp icmp cat proc detail permanent proxy kubelet
`);

/**
 * `marked`: something before it says that a command follows. `bare`: nothing does, so it must look like one all over.
 * `loose`: said in so many words, the name of a tool is enough.
 */
export function isCommandLine(text: string, sign: 'loose' | 'marked' | 'bare'): boolean {
  if (text.length > 400 || !/^[\w./\\~(-]/.test(text)) return false;
  const first = text.slice(0, 80).split(/[\s;|&]/, 1)[0] ?? '';
  // Asked of every line that nothing claims, so the name is looked at before the rest.
  const named = sign === 'bare' ? isTool(first) : nearestTool(first) !== null;
  if (!named && !isAliased(text) && !first.includes('=') && !first.startsWith('\\')) return false;
  const [command] = readCommands(text);
  if (command === undefined) return false;
  const [tool = '', ...args] = command.bare.split(' ');
  if (!isTool(tool)) return command.place.node !== undefined || command.place.netns !== undefined;
  if (sign === 'loose') return true;
  if (sign === 'bare' && args.length === 0 && needArguments.has(tool)) return false;
  const odd = args.filter((word, at) => !looksLikeArgument(word, args[at - 1])).length;
  if (alsoWords.has(tool) || sign === 'bare') return odd === 0;
  return odd * 2 <= args.length && odd <= 2;
}

function looksLikeArgument(word: string, before: string | undefined): boolean {
  if (/^-|[\d/:=_@*'"{}$\\-]|\w\.\w/.test(word)) return true;
  return argumentWords.has(word) || before?.startsWith('-') === true || /^[A-Z][A-Z-]+$/.test(word);
}
