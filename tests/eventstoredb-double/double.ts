import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import featuresRpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  type DeleteReq,
  type DeleteResp,
  type TombstoneReq,
  type TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import rpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { appendService } from './append-service.js';
import { Faults } from './faults.js';
import { Gate } from './gate.js';
import { Ledger } from './ledger.js';
import { readService } from './read-service.js';
import { nameOf, streamDeleted } from './wire.js';

export interface Double {
  /** For `openEventStoreDB`. */
  readonly url: string;
  readonly ledger: Ledger;
  readonly faults: Faults;
  /** What the network does. */
  readonly gate: Gate;
  /** The server goes away at once, with all connections; what it holds stays. */
  stop(): Promise<void>;
  /** It comes back on the same port. */
  resume(): Promise<void>;
}

const VERSION = '22.10.5';

const supportedMethods = (
  _call: unknown,
  done: sendUnaryData<InstanceType<typeof features.SupportedMethods>>,
): void => {
  const answer = new features.SupportedMethods();
  answer.setEventStoreServerVersion(VERSION);
  for (const name of ['read', 'append', 'delete', 'tombstone', 'batchappend']) {
    const method = new features.SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    answer.addMethods(method);
  }
  done(null, answer);
};

const services = (ledger: Ledger, faults: Faults): UntypedServiceImplementation => ({
  ...appendService(ledger, faults),
  read: readService(ledger, faults),
  delete: (call: ServerUnaryCall<DeleteReq, DeleteResp>, done: sendUnaryData<DeleteResp>): void => {
    const stream = nameOf(call.request.getOptions()!.getStreamIdentifier());
    if (ledger.delete(stream).type === 'success') done(null, new streams.DeleteResp());
    else done(streamDeleted(stream));
  },
  tombstone: (call: ServerUnaryCall<TombstoneReq, TombstoneResp>, done: sendUnaryData<TombstoneResp>): void => {
    const stream = nameOf(call.request.getOptions()!.getStreamIdentifier());
    if (ledger.tombstone(stream).type === 'success') done(null, new streams.TombstoneResp());
    else done(streamDeleted(stream));
  },
});

const listen = (ledger: Ledger, faults: Faults): Promise<{ readonly server: Server; readonly port: number }> => {
  const server = new Server({ 'grpc.max_receive_message_length': 4 * 1024 * 1024 });
  server.addService(rpc.StreamsService, services(ledger, faults));
  server.addService(featuresRpc.ServerFeaturesService, { getSupportedMethods: supportedMethods });
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve({ server, port }),
    );
  });
};

/** A stand-in for an EventStoreDB node on a free port of this machine, over the real wire. For tests only. */
export const startDouble = async (ledger = new Ledger()): Promise<Double> => {
  let running: Awaited<ReturnType<typeof listen>> | undefined;
  const gate = new Gate(() => running!.port);
  const faults = new Faults(() => gate.cut());
  running = await listen(ledger, faults);
  await gate.open();
  return {
    url: `esdb://127.0.0.1:${gate.port}?tls=false`,
    ledger,
    faults,
    gate,
    stop: async () => {
      await gate.close();
      running?.server.forceShutdown();
      running = undefined;
    },
    resume: async () => {
      running ??= await listen(ledger, faults);
      await gate.open();
    },
  };
};
