import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { QuarantineController } from './quarantine.controller.js';
import { RegistryController } from './registry.controller.js';
import { StatusController } from './status.controller.js';

@Module({ controllers: [HealthController, StatusController, RegistryController, QuarantineController, OpenApiController] })
export class OpsModule {}
