import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { fieldsOf } from '../command-fields.js';
import { invalid, Refusal } from '../refusal.js';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';

/** Orders to the platform as a whole; for the CLI and for operators. One at a time. */
@Controller('v1/ops')
export class OperationsController {
  #running: string | undefined;

  constructor(@Inject(SERVER_DEPS) readonly deps: ServerDeps) {}

  @RouteConfig({ needs: 'admin' })
  @Post('verify')
  @HttpCode(200)
  verify(@Body() body: unknown) {
    fieldsOf(body ?? {}, []);
    return this.alone('verify', () => this.deps.operations.verify());
  }

  @RouteConfig({ needs: 'admin' })
  @Post('rebuild')
  @HttpCode(200)
  rebuild(@Body() body: unknown) {
    fieldsOf(body ?? {}, []);
    return this.alone('rebuild', () => this.deps.operations.rebuild());
  }

  @RouteConfig({ needs: 'admin' })
  @Post('end-retention')
  @HttpCode(200)
  endRetention(@Body() body: unknown) {
    const { reason } = fieldsOf(body ?? {}, ['reason']);
    if (typeof reason !== 'string' || reason.trim() === '' || reason.length > 500)
      throw invalid('reason', 'no reason is given', 'say why in at most 500 characters, without personal data');
    return this.alone('end-retention', () => this.deps.operations.endRetention(reason.trim()));
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
    const { backup } = operations;
    return this.alone('backup', () => backup(folder));
  }

  private async alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.#running !== undefined)
      throw new Refusal(409, 'already_running', `${this.#running} is running`, 'wait for it to end, then ask again');
    this.#running = name;
    try {
      return await work();
    } finally {
      this.#running = undefined;
    }
  }
}
