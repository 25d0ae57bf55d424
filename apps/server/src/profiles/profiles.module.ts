import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';
import { commandHandlers } from './commands.js';
import { CustomerCommandsController } from './customer-commands.controller.js';
import { CustomersController } from './customers.controller.js';
import { queryHandlers } from './query-handlers.js';
import { CUSTOMER_COMMANDS, PROFILES } from './tokens.js';

/** Profiles and the commands on customers. The buses only dispatch: nothing durable goes through them. */
@Module({
  imports: [CqrsModule.forRoot()],
  controllers: [CustomersController, CustomerCommandsController],
  providers: [
    { provide: PROFILES, useFactory: (deps: ServerDeps) => deps.profiles, inject: [SERVER_DEPS] },
    { provide: CUSTOMER_COMMANDS, useFactory: (deps: ServerDeps) => deps.commands, inject: [SERVER_DEPS] },
    ...queryHandlers,
    ...commandHandlers,
  ],
})
export class ProfilesModule {}
