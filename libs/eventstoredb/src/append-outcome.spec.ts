import { expect, it } from '@jest/globals';
import protobufAny from 'google-protobuf/google/protobuf/any_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { outcomeOf } from './append-outcome.js';

const refused = (detail: string) => {
  const details = new protobufAny.Any();
  details.pack(new Uint8Array(0), `event_store.client.${detail}`);
  const error = new statuses.Status();
  error.setMessage(detail);
  error.setDetails(details);
  const answer = new streams.BatchAppendResp();
  answer.setError(error);
  return answer;
};

it.each(['MaximumAppendSizeExceeded', 'MaximumAppendEventSizeExceeded', 'AccessDenied', 'StreamDeleted', 'BadRequest'])(
  'never repeats an append that can never go well: %s',
  (detail) => expect(outcomeOf(refused(detail))).toMatchObject({ type: 'failed', error: { failure: 'fatal' } }),
);

it.each(['Timeout', 'Unknown'])('reads back what became of an append: %s', (detail) =>
  expect(outcomeOf(refused(detail)).type).toBe('unknown'),
);
