import { commentMarker, renderComment } from './comment.ts';
import { hashOf } from './hash.ts';
import { refusalSentences, withRefusal } from './refusals.ts';
import type { Way } from './way.ts';

/** The one comment on the pull request. */
export const stickyComment: Way = {
  name: 'issues',
  tell: async ({ repository, environment, earlier }, { github, claim, memory }) => {
    const { refused, commentId, lastComment } = memory.state();
    const body = renderComment(environment, earlier, refusalSentences(withRefusal(refused, 'issues', false)));
    const hash = hashOf(body);
    const unchanged = hash === lastComment && commentId !== null;
    claim.assertHeld();
    const id = await github.stickyComment(
      repository,
      { number: environment.prNumber, id: commentId ?? undefined, marker: commentMarker, body, unchanged },
      claim.signal,
    );
    if (unchanged && id === commentId) return false;
    await memory.remember({ commentId: id, lastComment: hash });
    return true;
  },
};
