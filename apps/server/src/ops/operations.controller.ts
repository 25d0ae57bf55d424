import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { fieldsOf } from '../command-fields.js';
import { invalid, Refusal } from '../refusal.js';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';

/** Orders to the platform as a whole; for the CLI and for operators. */
@Controller('v1/ops')
export class OperationsController {
  constructor(@Inject(SERVER_DEPS) readonly deps: ServerDeps) {}

  @RouteConfig({ needs: 'admin' })
  @Post('verify')
  @HttpCode(200)
  verify(@Body() body: unknown) {
    fieldsOf(body ?? {}, []);
    return this.deps.operations.verify();
  }

  @RouteConfig({ needs: 'admin' })
  @Post('rebuild')
  @HttpCode(200)
  rebuild(@Body() body: unknown) {
    fieldsOf(body ?? {}, []);
    return this.deps.operations.rebuild();
  }

  @RouteConfig({ needs: 'admin' })
  @Post('end-retention')
  @HttpCode(200)
  endRetention(@Body() body: unknown) {
    const { reason } = fieldsOf(body ?? {}, ['reason']);
    if (typeof reason !== 'string' || reason.trim() === '' || reason.length > 500)
      throw invalid('reason', 'no reason is given', 'say why in at most 500 characters, without personal data');
    return this.deps.operations.endRetention(reason.trim());
  }

  @RouteConfig({ needs: 'admin' })
  @Post('backup')
  @HttpCode(200)
  backup(@Body() body: unknown) {
    const { operations } = this.deps;
    const { folder } = fieldsOf(body ?? {}, ['folder']);
    if (typeof folder !== 'string' || folder === '')
      throw invalid('folder', 'no folder is given', 'write the whole path of a folder that is not there yet');
    if (!operations.backup)
      throw new Refusal(
        409,
        'no_data_folder',
        'the data lies in engines of their own, not in one folder',
        'back those up, each by its own means: docs/guide/running.md',
      );
    return operations.backup(folder);
  }
}
