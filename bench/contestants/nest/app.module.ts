import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { AuthGuard } from './auth.guard.js';
import { PlansResolver } from './plans.resolver.js';
import { PlansService } from './plans.service.js';
import { UsersResolver } from './users.resolver.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true })],
  providers: [{ provide: APP_GUARD, useClass: AuthGuard }, UsersResolver, UsersService, PlansResolver, PlansService],
})
export class AppModule {}
