import { type InvalidIdentifier } from '@tributary/contracts';

/** A malformed identifier, or one of an unknown type. Says the shape of what was given, never the value. */
export class InvalidIdentifierError extends Error {
  constructor(readonly problem: InvalidIdentifier) {
    super(`found ${problem.found}, expected ${problem.expected}. ${problem.remedy}`);
    this.name = 'InvalidIdentifierError';
  }
}

/** The profile has nothing at this path. `nearest`: paths that it has, the likeliest first. */
export class UnknownPath extends Error {
  constructor(
    readonly path: string,
    readonly nearest: readonly string[],
  ) {
    super(`the profile has no ${path.slice(0, 200)}; nearest: ${nearest.join(', ')}`);
    this.name = 'UnknownPath';
  }
}

/** A page or feed position that this platform never gave out. */
export class InvalidPosition extends Error {
  constructor(what: string, example: string) {
    super(`not a ${what}: pass one as it was given (such as ${example}), or none`);
    this.name = 'InvalidPosition';
  }
}

/** Well-formed, and not of this feed: of a partition that it does not have, or beyond its end. `end`: where it ends. */
export class PositionNotOfFeed extends Error {
  constructor(
    what: string,
    readonly end: string,
  ) {
    super(`the feed cannot have given this position out: ${what}; it ends at ${end}`);
    this.name = 'PositionNotOfFeed';
  }
}

/** What came after the position is no longer held. Read the profiles anew, then follow from `oldest`. */
export class FeedPositionExpired extends Error {
  constructor(
    readonly position: string,
    readonly oldest: string,
  ) {
    super(`the feed no longer holds what followed ${position}; the oldest position is ${oldest}`);
    this.name = 'FeedPositionExpired';
  }
}

/** So much is tied together that it is no person; who was one customer at a past moment is not worked out for it. */
export class ComponentTooLarge extends Error {
  constructor(readonly bound: number) {
    super(`tied to more than ${bound} other identifiers: find the shared one and block it in rules/identity.yaml`);
    this.name = 'ComponentTooLarge';
  }
}
