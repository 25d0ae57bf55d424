import { readFileSync } from 'node:fs';
import { type Readable } from 'node:stream';
import {
  Channel,
  Metadata,
  credentials,
  status,
  type CallOptions,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ClientReadableStream,
} from '@grpc/grpc-js';
import { EventStoreDBClient } from '@eventstore/db-client';
import rpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import {
  type BatchAppendReq,
  type BatchAppendResp,
  type ReadReq,
  type ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { parseAddress, type Address } from './address.js';
import { failure, isUndiscovered, ofCall } from './failures.js';
import { targetOf, whyNotConnected } from './why-not-connected.js';

type Stub = InstanceType<typeof rpc.StreamsClient>;

/**
 * What the client keeps to itself and its own commands are made of: discovery of the leader, credentials, and a new
 * channel after a break. The commands are not used; the README says why. The package is pinned to one version for this.
 */
interface ClientParts {
  GRPCStreamCreator<T extends Readable>(
    stub: typeof rpc.StreamsClient,
    name: string,
    call: (stub: Stub) => Promise<T>,
  ): () => Promise<T>;
  callArguments(options: { requiresLeader?: boolean }, call: CallOptions): [Metadata, CallOptions];
  resolveUri(): Promise<string>;
  createChannel(): Promise<Channel>;
  getChannel(): Promise<Channel>;
  handleError(stub: Stub, error: Error): Promise<void>;
  dispose(): Promise<void>;
}

const MAX_ANSWER_BYTES = 17 * 1024 * 1024;

/** The client's own would try again only after up to two minutes when a server was away for long. */
const optionsOf = ({ keepAliveInterval_ms, keepAliveTimeout_ms }: Address) => ({
  'grpc.keepalive_time_ms': keepAliveInterval_ms,
  'grpc.keepalive_timeout_ms': keepAliveTimeout_ms,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
});

const credentialsOf = ({ tls, files }: Address): ChannelCredentials => {
  if (!tls) return credentials.createInsecure();
  const read = (path: string | undefined) => (path === undefined ? null : readFileSync(path));
  return credentials.createSsl(read(files.ca), read(files.key), read(files.certificate));
};

/** By this the client knows that a server is to be left, and looks for another member of its cluster. */
const away = (details: string): Error =>
  Object.assign(new Error(details), { code: status.UNAVAILABLE, details, metadata: new Metadata() });

/** A late error of a call that nobody waits for any more would otherwise end the process. */
const nobodyWaits = (): void => undefined;

/** One channel to the server (or the cluster's leader), opened on first use and again after each break. */
export class Connection {
  readonly #client: ClientParts;
  readonly #hosts: string;
  /** What each call began on. */
  readonly #stubs = new WeakMap<Readable, Stub>();
  #channel: Channel | undefined;
  #closed = false;

  constructor(
    url: string,
    readonly connect_ms: number,
  ) {
    const address = parseAddress(url);
    const options = optionsOf(address);
    const secured = credentialsOf(address);
    this.#hosts = address.hosts;
    this.#client = EventStoreDBClient.connectionString(address.url) as unknown as ClientParts;
    this.#client.createChannel = async () =>
      (this.#channel = new Channel(await this.#client.resolveUri(), secured, options));
  }

  /** A call whose answers are read; the caller ends it with `cancel`. */
  read(request: ReadReq): Promise<ClientReadableStream<ReadResp>> {
    return this.#open('read', (stub) => stub.read(request, ...this.#arguments()));
  }

  /** The one stream on which all appends go and their outcomes come back. */
  batchAppend(): Promise<ClientDuplexStream<BatchAppendReq, BatchAppendResp>> {
    return this.#open('batchAppend', (stub) => stub.batchAppend(...this.#arguments()));
  }

  // Deadlines are our own: one of gRPC's would end a long answer that is coming in well.
  #arguments(): [Metadata, CallOptions] {
    return this.#client.callArguments({ requiresLeader: true }, { deadline: Infinity });
  }

  /** Begins a call on a connection that stands, so that failing here means that nothing was sent. */
  async #open<T extends Readable>(name: string, call: (stub: Stub) => T): Promise<T> {
    if (this.#closed) throw failure('fatal', 'the connection is closed');
    const nobody = `no member of the cluster answers at ${this.#hosts}`;
    let isLate = false;
    let timer: NodeJS.Timeout | undefined;
    // Discovery asks seeds one after the other and ten times over, each with a patience of its own: it goes on without us.
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        isLate = true;
        reject(failure('retriable', `${nobody} within ${this.connect_ms} ms`));
      }, this.connect_ms);
    });
    const begin = async (stub: Stub): Promise<T> => {
      clearTimeout(timer);
      if (isLate) throw failure('retriable', nobody);
      await this.#ready(stub);
      const begun = call(stub);
      this.#stubs.set(begun, stub);
      return begun;
    };
    const opening = this.#client.GRPCStreamCreator(rpc.StreamsClient, name, begin)();
    opening.catch(nobodyWaits);
    try {
      return (await Promise.race([opening, late])).on('error', nobodyWaits);
    } catch (error) {
      throw isUndiscovered(error) ? failure('retriable', nobody, error) : ofCall(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The client looks for another member of the cluster only when it is told that this one is away. */
  async #ready(stub: Stub): Promise<void> {
    const late = await new Promise<Error | undefined>((resolve) =>
      stub.waitForReady(Date.now() + this.connect_ms, resolve),
    );
    if (!late) return;
    const why = await whyNotConnected(stub);
    const details = `no connection to ${targetOf(stub)} within ${this.connect_ms} ms: ${why}`;
    await this.#client.handleError(stub, away(details));
    throw failure('retriable', details, late);
  }

  /** The server that this call leads to is none to stay with, though it answers; the next call looks for another. */
  leave(call: Readable, why: Error): void {
    const stub = this.#stubs.get(call);
    if (stub) void this.#client.handleError(stub, away(why.message));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#client.dispose();
    this.#channel?.close();
  }
}
