/** How IPv4 keeps its tables local and main, as /proc/net/fib_trie shows it (net/ipv4/fib_trie.c, fib_trie_seq_show). */
import type { Row } from './dump.js';

/** What the file tells besides the routes, which `ip route` shows better. */
export interface FibTrie extends Row {
  /** Both are one trie, as until a policy rule is added or deleted for the first time (net/ipv4/fib_frontend.c fib_unmerge). */
  readonly shared: boolean;
}
