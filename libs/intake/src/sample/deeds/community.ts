import { type Deed } from '../life-course.js';
import * as words from '../words.js';
import { type Maker } from './deed.js';
import { onWechat } from './named.js';

/** The community tells of posts, votes and badges. */
export const community = {
  post: (p, c, s) => [
    'post_created',
    onWechat(p),
    {
      postId: `${s.prefix}post-${p.index}-${s.n}`,
      title: c.pick(words.postTitles),
      tags: [c.pick(words.tags)],
      text: c.pick(words.praise),
    },
  ],
  reply: (p, c, s) => [
    'reply_posted',
    onWechat(p),
    {
      postId: `${s.prefix}reply-${p.index}-${s.n}`,
      parentId: `post-${c.between(0, 499)}-1`,
      text: c.pick(words.replies),
    },
  ],
  vote: (p, c) => ['voted', onWechat(p), { postId: `post-${c.between(0, 499)}-1`, value: c.happens(0.9) ? 1 : -1 }],
  follow: (p, c) => ['followed', onWechat(p), { target: `topic-${c.between(1, 12)}` }],
  badge: (p, c) => {
    const [badge, level] = c.pick(words.badges);
    return ['badge_earned', onWechat(p), { badge, level }];
  },
} satisfies Readonly<Partial<Record<Deed, Maker>>>;
