import { Metadata, type Client } from '@grpc/grpc-js';
import type rpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';

type Stub = InstanceType<typeof rpc.StreamsClient>;

/** A call that does not wait for a connection fails at once with what the last try said, if there was one. */
const ASK_MS = 200;

/** What stands around it in gRPC's own words: a wrapper, the kind of error, a time, and where in its source OpenSSL was. */
const around =
  /^No connection established\. Last error: |Error: |\(\d{4}-[^)]*\)|[0-9A-F]{8,}:|:\.\.\/\S*|Resolution note:.*$/gs;

/** Where a channel leads, as `host:port`. */
export const targetOf = (stub: Client): string => stub.getChannel().getTarget().replace(/^dns:/, '');

/** Why no connection came about, in a few words: refused, a name that nobody knows, a certificate, another protocol. */
export const whyNotConnected = (stub: Stub): Promise<string> =>
  new Promise((resolve) => {
    const call = stub.read(new streams.ReadReq(), new Metadata(), { deadline: Date.now() + ASK_MS });
    call.on('data', () => call.cancel());
    call.on('error', ({ details }: { readonly details?: string }) => {
      const said = (details ?? '').startsWith('Deadline exceeded') ? '' : (details ?? '');
      resolve(
        said
          .replace(around, '')
          .replace(/\s+/g, ' ')
          .replace(/[ .]+$/, '') || 'whatever listens there does not answer',
      );
    });
    call.on('end', () => resolve('it came about too late'));
  });
