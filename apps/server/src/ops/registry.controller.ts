import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyReply } from 'fastify';
import { type Catalogue, type SchemaListing } from '@tributary/contracts';
import { type Params } from '../query-parameters.js';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';

const TYPE = 'application/vnd.schemaregistry.v1+json';

const answer = (reply: FastifyReply, body: unknown, status = 200) =>
  reply.code(status).header('content-type', TYPE).send(JSON.stringify(body));

/** Errors as Confluent's registry gives them: its clients read `error_code`. */
const noSubject = (reply: FastifyReply) => answer(reply, { error_code: 40401, message: 'Subject not found.' }, 404);
const noVersion = (reply: FastifyReply) => answer(reply, { error_code: 40402, message: 'Version not found.' }, 404);
const noSchema = (reply: FastifyReply) => answer(reply, { error_code: 40403, message: 'Schema not found' }, 404);
/** There is one level, and one mode, for all: a subject has its own of neither, which its askers take for the answer. */
const noneOfItsOwn = (reply: FastifyReply, error_code: number, subject: string, what: string) =>
  answer(reply, { error_code, message: `Subject '${subject}' does not have subject-level ${what} configured` }, 404);
const badVersion = (reply: FastifyReply) =>
  answer(
    reply,
    {
      error_code: 42202,
      message:
        'The specified version is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"',
    },
    422,
  );

/** The read side of Confluent's schema-registry API, so that any Kafka client decodes what Tributary writes. */
@Controller('registry')
export class RegistryController {
  readonly catalogue: Catalogue;

  constructor(@Inject(SERVER_DEPS) deps: ServerDeps) {
    this.catalogue = deps.catalogue;
  }

  @RouteConfig({ needs: 'read' })
  @Get('subjects')
  subjects(@Res() reply: FastifyReply) {
    return answer(reply, this.catalogue.subjects());
  }

  @RouteConfig({ needs: 'read' })
  @Get('subjects/:subject/versions')
  versions(@Param('subject') subject: string, @Res() reply: FastifyReply) {
    const versions = this.catalogue.versions(subject);
    return versions.length === 0 ? noSubject(reply) : answer(reply, versions);
  }

  @RouteConfig({ needs: 'read' })
  @Get('subjects/:subject/versions/:version')
  version(@Param('subject') subject: string, @Param('version') version: string, @Res() reply: FastifyReply) {
    return this.withVersion(subject, version, reply, (listing) =>
      answer(reply, { subject: listing.subject, version: listing.version, id: listing.id, schema: listing.schema }),
    );
  }

  @RouteConfig({ needs: 'read' })
  @Get('subjects/:subject/versions/:version/schema')
  schemaText(@Param('subject') subject: string, @Param('version') version: string, @Res() reply: FastifyReply) {
    return this.withVersion(subject, version, reply, (listing) =>
      reply.header('content-type', TYPE).send(listing.schema),
    );
  }

  @RouteConfig({ needs: 'read' })
  @Get('schemas/ids/:id')
  byId(@Param('id') id: string, @Res() reply: FastifyReply) {
    const listing = this.catalogue.schemaById(Number(id));
    return listing === undefined ? noSchema(reply) : answer(reply, { schema: listing.schema });
  }

  @RouteConfig({ needs: 'read' })
  @Get('schemas/ids/:id/versions')
  versionsById(@Param('id') id: string, @Res() reply: FastifyReply) {
    const listing = this.catalogue.schemaById(Number(id));
    return listing === undefined
      ? noSchema(reply)
      : answer(reply, [{ subject: listing.subject, version: listing.version }]);
  }

  @RouteConfig({ needs: 'read' })
  @Get('schemas/ids/:id/subjects')
  subjectsById(@Param('id') id: string, @Res() reply: FastifyReply) {
    const listing = this.catalogue.schemaById(Number(id));
    return listing === undefined ? noSchema(reply) : answer(reply, [listing.subject]);
  }

  @RouteConfig({ needs: 'read' })
  @Get('schemas/types')
  types(@Res() reply: FastifyReply) {
    return answer(reply, ['AVRO']);
  }

  @RouteConfig({ needs: 'read' })
  @Get('config')
  config(@Res() reply: FastifyReply) {
    return answer(reply, { compatibilityLevel: 'BACKWARD_TRANSITIVE' });
  }

  @RouteConfig({ needs: 'read' })
  @Get('config/:subject')
  configOf(@Param('subject') subject: string, @Query() query: Params, @Res() reply: FastifyReply) {
    return query['defaultToGlobal'] === 'true'
      ? this.config(reply)
      : noneOfItsOwn(reply, 40408, subject, 'compatibility');
  }

  @RouteConfig({ needs: 'read' })
  @Get('mode')
  mode(@Res() reply: FastifyReply) {
    return answer(reply, { mode: 'READONLY' });
  }

  @RouteConfig({ needs: 'read' })
  @Get('mode/:subject')
  modeOf(@Param('subject') subject: string, @Query() query: Params, @Res() reply: FastifyReply) {
    return query['defaultToGlobal'] === 'true' ? this.mode(reply) : noneOfItsOwn(reply, 40409, subject, 'mode');
  }

  private withVersion(
    subject: string,
    version: string,
    reply: FastifyReply,
    then: (listing: SchemaListing) => FastifyReply,
  ) {
    if (version !== 'latest' && !/^[1-9]\d{0,8}$/.test(version)) return badVersion(reply);
    if (this.catalogue.versions(subject).length === 0) return noSubject(reply);
    const listing = this.catalogue.schemaOf(subject, version === 'latest' ? 'latest' : Number(version));
    return listing === undefined ? noVersion(reply) : then(listing);
  }
}
