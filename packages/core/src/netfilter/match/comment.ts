/** `-m comment`: text for people, always true. iptables-extensions(8); net/netfilter/xt_comment.c. */
import { defineMatch, option, refuse } from '../extension.js';
import { quote } from '../quote.js';
import { pick, sampleTexts } from '../value.js';
import { cutText } from './cut-text.js';

export interface CommentMatch {
  readonly comment: string;
}

/** The definition; a rule's text for people is `matchData(match, comment)?.comment`. */
export const comment = defineMatch({
  name: 'comment',
  families: [4, 6],
  options: { comment: option(cutText('comment', 255, (choose) => pick(choose, sampleTexts))) },
  build: (given) => (given.comment === undefined ? refuse('--comment is missing') : { comment: given.comment.value }),
  save: (data: CommentMatch) => ['--comment', quote(data.comment)],
  listing: (cursor): CommentMatch | null => {
    if (!cursor.accept('/*')) return null;
    const words = cursor.takeUntil('*/');
    cursor.accept('*/');
    return { comment: words };
  },
  asksNothing: true,
  test: () => true,
});
