import { type DocumentWrite } from '@tributary/kernel';
import { type DecodedAppend } from '../decoded.js';

/** Answers to commands that were taken before we began: whoever lost the documents gets them back. */
export const outcomesIn = (appends: readonly DecodedAppend[], head: number): DocumentWrite[] => {
  const writes: DocumentWrite[] = [];
  for (const { events } of appends)
    for (const { content, position } of events)
      if (content.kind === 'command' && position <= head)
        writes.push({
          kind: 'outcome',
          key: content.command.commandId,
          version: position,
          body: content.command.outcome,
        });
  return writes;
};
