import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { OperationsController } from './operations.controller.js';
import { QuarantineController } from './quarantine/quarantine.controller.js';
import { RegistryController } from './registry.controller.js';
import { StatusController } from './status.controller.js';

@Module({
  controllers: [
    HealthController,
    StatusController,
    RegistryController,
    QuarantineController,
    OperationsController,
    OpenApiController,
  ],
})
export class OpsModule {}
