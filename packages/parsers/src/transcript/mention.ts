/** Sentences that name a machine are about it, and so is what they lead over to. */
import type { Where } from '../detect/piece.js';

/** The only one of the machines that a text mentions; null when there is none, or several. */
export function mentionedIn(text: string, hosts: readonly string[]): Where | null {
  const mentioned = hosts.filter((host) => mentions(text, host));
  const [node] = mentioned;
  return node === undefined || mentioned.length > 1 ? null : { prompt: 'named', node, netns: null };
}

function mentions(text: string, host: string): boolean {
  for (let at = text.indexOf(host); at >= 0; at = text.indexOf(host, at + 1)) {
    if (!/[\w.-]/.test(text[at - 1] ?? ' ') && !/[\w-]/.test(text[at + host.length] ?? ' ')) return true;
  }
  return false;
}
