import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  status,
  type sendUnaryData,
  type ServerInterceptor,
  type ServerUnaryCall,
  type ServiceError,
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
import gossipRpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossips from '@eventstore/db-client/generated/gossip_pb.js';
import { type ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import rpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { appendService } from './append-service.js';
import { Faults } from './faults.js';
import { Gate } from './gate.js';
import { Ledger, type Expected, type Written } from './ledger.js';
import { readService } from './read-service.js';
import { nameOf, refusal, streamDeleted } from './wire.js';

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
const [UNKNOWN, LEADER] = [2, 8] as const;

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

const expectedOf = (options: DeleteReq.Options | TombstoneReq.Options): Expected => {
  if (options.hasRevision()) return { revision: Number(options.getRevision()) };
  return { type: options.hasNoStream() ? 'no_stream' : options.hasStreamExists() ? 'stream_exists' : 'any' };
};

const refusalOf = (stream: string, result: Written): Partial<ServiceError> | undefined => {
  if (result.type === 'stream_deleted') return streamDeleted(stream);
  if (result.type === 'success') return undefined;
  return refusal(status.FAILED_PRECONDITION, 'failed due to WrongExpectedVersion', {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': '-1',
    'actual-version': String(result.current),
  });
};

const services = (ledger: Ledger, faults: Faults): UntypedServiceImplementation => ({
  ...appendService(ledger, faults),
  read: readService(ledger, faults),
  delete: (call: ServerUnaryCall<DeleteReq, DeleteResp>, done: sendUnaryData<DeleteResp>): void => {
    const options = call.request.getOptions()!;
    const stream = nameOf(options.getStreamIdentifier());
    const refused = refusalOf(stream, ledger.delete(stream, expectedOf(options)));
    if (refused) done(refused);
    else done(null, new streams.DeleteResp());
  },
  tombstone: (call: ServerUnaryCall<TombstoneReq, TombstoneResp>, done: sendUnaryData<TombstoneResp>): void => {
    const options = call.request.getOptions()!;
    const stream = nameOf(options.getStreamIdentifier());
    const refused = refusalOf(stream, ledger.tombstone(stream, expectedOf(options)));
    if (refused) done(refused);
    else done(null, new streams.TombstoneResp());
  },
});

/** A secured node: TLS, and nothing without the right user. */
export interface Security {
  readonly key: Buffer;
  readonly certificate: Buffer;
  readonly user: string;
  readonly password: string;
}

const authentication =
  ({ user, password }: Security): ServerInterceptor =>
  (method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            const given = String(metadata.get('authorization')[0] ?? '');
            const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
            // Gossip is open, as there: clients ask it before they say who they are.
            if (given === wanted || method.path.startsWith('/event_store.client.gossip.')) return proceed(metadata);
            call.sendStatus({ code: status.UNAUTHENTICATED, details: 'Received HTTP status code 401' });
          },
        }),
    });

/** Of a cluster whose only member that is known is its leader: this node, unless told. Who is cut off knows of none. */
const gossip = (node: Node) => (_call: unknown, done: sendUnaryData<ClusterInfo>) => {
  const isCutOff = node.faults.isComing('cutOff');
  const address = new gossips.EndPoint();
  address.setAddress('localhost');
  address.setPort(isCutOff ? node.gate.port : node.leader());
  const member = new gossips.MemberInfo();
  member.setIsAlive(true);
  member.setState(isCutOff ? UNKNOWN : LEADER);
  member.setTimeStamp(String(BigInt(Date.now()) * 10_000n));
  member.setHttpEndPoint(address);
  const answer = new gossips.ClusterInfo();
  answer.addMembers(member);
  done(null, answer);
};

interface Node {
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly gate: Gate;
  readonly security: Security | undefined;
  /** The port of the cluster's leader. */
  leader(): number;
}

const listen = (node: Node): Promise<{ readonly server: Server; readonly port: number }> => {
  const { ledger, faults, security } = node;
  const server = new Server({
    'grpc.max_receive_message_length': 4 * 1024 * 1024,
    ...(security ? { interceptors: [authentication(security)] } : {}),
  });
  const credentials = security
    ? ServerCredentials.createSsl(null, [{ private_key: security.key, cert_chain: security.certificate }])
    : ServerCredentials.createInsecure();
  server.addService(gossipRpc.GossipService, { read: gossip(node) });
  server.addService(rpc.StreamsService, services(ledger, faults));
  server.addService(featuresRpc.ServerFeaturesService, { getSupportedMethods: supportedMethods });
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => (error ? reject(error) : resolve({ server, port })));
  });
};

/** A stand-in for an EventStoreDB node on a free port of this machine, over the real wire. For tests only. */
export const startDouble = async (
  ledger = new Ledger(),
  security?: Security,
  leader?: () => number,
): Promise<Double> => {
  let running: Awaited<ReturnType<typeof listen>> | undefined;
  const gate = new Gate(() => running!.port);
  const faults = new Faults(
    () => gate.cut(),
    () => gate.port,
  );
  const node: Node = { ledger, faults, gate, security, leader: leader ?? (() => gate.port) };
  running = await listen(node);
  await gate.open();
  return {
    url: `esdb://localhost:${gate.port}?tls=${security !== undefined}`,
    ledger,
    faults,
    gate,
    stop: async () => {
      await gate.close();
      running?.server.forceShutdown();
      running = undefined;
    },
    resume: async () => {
      running ??= await listen(node);
      await gate.open();
    },
  };
};
