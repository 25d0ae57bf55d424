import { Controller, Get, Inject, Module, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyReply } from 'fastify';
import { HealthController } from '../ops/health.controller.js';
import { Metrics } from '../ops/metrics.js';
import { RegistryController } from '../ops/registry.controller.js';

@Controller()
class DoorMetricsController {
  constructor(@Inject(Metrics) readonly metrics: Metrics) {}

  @RouteConfig({ needs: 'read' })
  @Get('metrics')
  async scrape(@Res() reply: FastifyReply) {
    const text = await this.metrics.registry.metrics();
    return reply.header('content-type', this.metrics.registry.contentType).send(text);
  }
}

/** What stands beside doors that stand alone: their health and numbers, and the schemas of what they write. */
@Module({ controllers: [HealthController, RegistryController, DoorMetricsController] })
export class DoorOpsModule {}
