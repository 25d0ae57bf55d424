import { randomUUID } from 'node:crypto';
import { type ClientDuplexStream } from '@grpc/grpc-js';
import { type BatchAppendReq, type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { type Append } from '@tributary/kernel';
import { outcomeOf, outcomeOfBreak, type AppendOutcome } from './append-outcome.js';
import { requestsOf, type EncodedEvent } from './append-request.js';
import { type Connection } from './connection.js';
import { failure } from './failures.js';

type Id = NonNullable<ReturnType<BatchAppendResp['getCorrelationId']>>;

/** Most answers say the id as it was asked with; that of an append that the server waited for in vain, as two numbers. */
const textOf = (id: Id): string => {
  const halves = id.getStructured();
  if (!halves) return id.getString().toLowerCase();
  const [high, low] = [halves.getMostSignificantBits(), halves.getLeastSignificantBits()].map((half) =>
    BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'),
  ) as [string, string];
  return [high.slice(0, 8), high.slice(8, 12), high.slice(12), low.slice(0, 4), low.slice(4)].join('-');
};

type Wire = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

/**
 * Appends on their way over one gRPC stream, each told apart by its correlation id. When the stream breaks, all that
 * were on it are `unknown`, and the next append opens another. What is in memory is bounded by who calls.
 */
export class AppendSession {
  readonly #waiting = new Map<string, (outcome: AppendOutcome) => void>();
  #wire: Promise<Wire> | undefined;

  constructor(
    readonly connection: Connection,
    readonly answer_ms: number,
  ) {}

  /** Rejects only when nothing was sent; from then on the outcome says it. */
  async append(append: Append, events: readonly EncodedEvent[]): Promise<AppendOutcome> {
    const opening = (this.#wire ??= this.#open());
    const wire = await opening;
    if (this.#wire !== opening) throw failure('retriable', 'the connection broke before the append was sent');
    const correlationId = randomUUID();
    return new Promise<AppendOutcome>((resolve) => {
      const timer = setTimeout(() => {
        this.#settle(correlationId, { type: 'unknown', why: `no answer within ${this.answer_ms} ms` });
      }, this.answer_ms);
      this.#waiting.set(correlationId, (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
      for (const request of requestsOf(append, events, correlationId)) wire.write(request);
    });
  }

  #settle(correlationId: string, outcome: AppendOutcome): void {
    const resolve = this.#waiting.get(correlationId);
    this.#waiting.delete(correlationId);
    resolve?.(outcome);
  }

  #open(): Promise<Wire> {
    const opening: Promise<Wire> = this.connection.batchAppend().then((wire) => {
      wire.on('data', (answer: BatchAppendResp) => {
        const outcome = outcomeOf(answer);
        if (outcome.type === 'failed' && outcome.elsewhere) this.#leave(opening, wire, outcome.error);
        this.#settle(textOf(answer.getCorrelationId()!), outcome);
      });
      wire.on('error', (error: Error) => this.#break(opening, outcomeOfBreak(error)));
      wire.on('end', () => this.#break(opening, { type: 'unknown', why: 'the server ended the stream' }));
      return wire;
    });
    opening.catch(() => {
      if (this.#wire === opening) this.#wire = undefined;
    });
    return opening;
  }

  /**
   * A server that has lost its cluster answers so for as long as it has, on a stream that stays open, while the others have
   * a leader already. What it still owes comes over the old stream, or counts as unknown in time.
   */
  #leave(opening: Promise<Wire>, wire: Wire, why: Error): void {
    if (this.#wire !== opening) return;
    this.#wire = undefined;
    wire.end();
    this.connection.leave(wire, why);
  }

  #break(wire: Promise<Wire> | undefined, outcome: AppendOutcome): void {
    if (this.#wire !== wire) return;
    this.#wire = undefined;
    for (const correlationId of [...this.#waiting.keys()]) this.#settle(correlationId, outcome);
  }

  async close(): Promise<void> {
    const wire = await this.#wire?.catch(() => undefined);
    wire?.end();
    this.#break(this.#wire, { type: 'unknown', why: 'the store was closed' });
  }
}
