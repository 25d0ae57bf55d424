import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type ChdbConnection, createChdbConnection } from 'chdb/connection';
import { messageOf } from '@tributary/kernel';
import { type FromStream, type StreamQuestion, type StreamStart, type ToStream } from './stream-protocol.js';

/** An answer under way, with the connection that it comes over. */
interface Streaming {
  readonly connection: ChdbConnection;
  readonly parts: AsyncIterator<{ raw(): Uint8Array }>;
}

/**
 * Streams one answer after the other. To begin a stream is a call that returns when the engine has analysed the question, and
 * has computed what is constant in it: a subquery of one value, a function of literals. That takes as long as it takes, and
 * holds up the thread that calls; it must not be the one on which the loader's inserts and the order to end a question wait.
 */
const serve = (port: MessagePort, { path }: StreamStart): void => {
  let streaming: Streaming | undefined;

  const begin = async ({ prelude, sql, format }: StreamQuestion): Promise<FromStream> => {
    const connection = createChdbConnection({ path });
    try {
      await connection.chdb.queryAsync(prelude.join('; '));
      const parts = connection.chdb.queryStream(sql, { format })[Symbol.asyncIterator]();
      streaming = { connection, parts };
    } catch (error) {
      await connection.close();
      throw error;
    }
    return next();
  };

  const next = async (): Promise<FromStream> => {
    const part = await streaming?.parts.next();
    if (part === undefined || part.done) return leave();
    return { type: 'part', bytes: new Uint8Array(part.value.raw()) };
  };

  const leave = async (): Promise<FromStream> => {
    const left = streaming;
    streaming = undefined;
    await left?.parts.return?.();
    await left?.connection.close();
    return { type: 'done' };
  };

  const answer = (message: ToStream): Promise<FromStream> => {
    switch (message.type) {
      case 'begin':
        return begin(message.question);
      case 'next':
        return next();
      case 'leave':
        return leave();
      case 'end':
        port.close();
        return leave();
      default:
        return message satisfies never;
    }
  };

  port.on('message', (message: ToStream) => {
    answer(message)
      .catch(async (error: unknown): Promise<FromStream> => {
        await leave();
        return { type: 'failed', message: messageOf(error) };
      })
      .then((told) => port.postMessage(told, told.type === 'part' ? [told.bytes.buffer] : []));
  });
};

if (parentPort) serve(parentPort, workerData as StreamStart);
