/** `-m comment`: text for people, always true. iptables-extensions(8); net/netfilter/xt_comment.c. */
import { defineMatch, option, refuse } from '../extension.js';
import { quote } from '../quote.js';
import { text } from '../value.js';

export interface CommentMatch {
  readonly comment: string;
}

export const comment = defineMatch({
  name: 'comment',
  families: [4, 6],
  options: { comment: option(text('comment', 255)) },
  build: (given) => (given.comment === undefined ? refuse('--comment is missing') : { comment: given.comment.value }),
  save: (data: CommentMatch) => ['--comment', quote(data.comment)],
  listing: (cursor): CommentMatch | null => {
    if (!cursor.accept('/*')) return null;
    const words = cursor.takeUntil('*/');
    cursor.accept('*/');
    return { comment: words };
  },
  test: () => true,
});
