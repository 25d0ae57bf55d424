import { Module } from '@nestjs/common';
import { ProfileEventsController } from './profile-events.controller.js';

@Module({ controllers: [ProfileEventsController] })
export class FeedModule {}
