import shared from '@eventstore/db-client/generated/shared_pb.js';
import { type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { type EngineError } from '@tributary/kernel';
import { failure, ofCall, refusesAll } from './failures.js';

/**
 * What became of one append as far as the wire tells. `unknown`: it may be there or come yet; only reading the stream
 * back can tell. `refused` at a revision: so the server says, which does not rule out that the same events are there.
 */
export type AppendOutcome =
  | { readonly type: 'done' }
  | { readonly type: 'refused'; readonly actual: number }
  | { readonly type: 'unknown'; readonly why: string }
  /** `elsewhere`: this server takes no appends for now, and another member of its cluster may. */
  | { readonly type: 'failed'; readonly error: EngineError; readonly elsewhere?: true };

const failed = (error: EngineError): AppendOutcome => ({ type: 'failed', error });

const PACKAGE = 'event_store.client.';

/** Answers without a detail of their own: the server did not handle the append at all. */
const unhandled = /not ready|is busy|no leader info/i;
/** … for it has no part in its cluster: it starts, resigns, or the others do not reach it. */
const noMember = /not ready|no leader info/i;

export const outcomeOf = (answer: BatchAppendResp): AppendOutcome => {
  if (answer.hasSuccess()) return { type: 'done' };
  const error = answer.getError()!;
  const details = error.getDetails();
  const name = details?.getTypeName() ?? '';
  switch (name) {
    case `${PACKAGE}WrongExpectedVersion`: {
      const { deserializeBinary } = shared.WrongExpectedVersion;
      const wrong = details!.unpack(deserializeBinary, name)!;
      return {
        type: 'refused',
        actual: wrong.hasCurrentStreamRevision() ? Number(wrong.getCurrentStreamRevision()) : -1,
      };
    }
    case `${PACKAGE}Timeout`:
      return { type: 'unknown', why: 'the server’s own write timeout passed' };
    case `${PACKAGE}StreamDeleted`:
      return failed(failure('fatal', 'the stream is deleted for good (tombstoned)'));
    case `${PACKAGE}AccessDenied`:
      return failed(failure('fatal', 'access is denied'));
    case `${PACKAGE}MaximumAppendSizeExceeded`: {
      const { deserializeBinary } = shared.MaximumAppendSizeExceeded;
      const limit_bytes = details!.unpack(deserializeBinary, name)!.getMaxappendsize();
      return failed(failure('fatal', `the append is larger than the ${limit_bytes} bytes that the server takes`));
    }
    case `${PACKAGE}MaximumAppendEventSizeExceeded`:
      return failed(failure('fatal', 'an event of the append is larger than the server takes'));
    case `${PACKAGE}BadRequest`: {
      const reason = details!.unpack(shared.BadRequest.deserializeBinary, name)!.getMessage();
      return failed(failure('fatal', `the server cannot read the append: ${reason}`));
    }
    default: {
      const said = error.getMessage();
      if (!unhandled.test(said)) return { type: 'unknown', why: said || 'the server says no more than that it failed' };
      return { type: 'failed', error: failure('retriable', said), ...(noMember.test(said) ? { elsewhere: true } : {}) };
    }
  }
};

/** The stream of appends broke: all on it are unknown, unless the server lets none in at all. */
export const outcomeOfBreak = (error: Error): AppendOutcome =>
  refusesAll(error) ? failed(ofCall(error)) : { type: 'unknown', why: error.message };
