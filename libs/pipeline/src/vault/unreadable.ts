import { type DecodedAppend } from '../decoded.js';

/** An event whose key the vault does not hold. */
export interface Unreadable {
  readonly stream: string;
  readonly position: number;
  readonly keyId: string;
}

export const unreadableIn = (appends: readonly DecodedAppend[]): readonly Unreadable[] =>
  appends.flatMap(({ stream, events }) =>
    events.flatMap(({ position, content }) =>
      content.kind === 'unreadable' ? [{ stream, position, keyId: content.keyId }] : [],
    ),
  );
