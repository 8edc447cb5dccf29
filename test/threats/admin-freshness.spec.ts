import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminRemoveUserFromGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { AdminOnly } from '../../src/auth/access.decorator.js';
import { USER_POOL_ID } from '../../src/sandbox/seed.js';
import type { Customer } from '../support/customer.js';
import { Forger } from '../support/forger.js';
import { World } from '../support/world.js';

/** What an admin changed. */
const changed: string[] = [];

/** An admin's query and mutation that do nothing but say that they ran. */
@AdminOnly()
@Resolver()
class Office {
  @Query(() => String)
  look(): string {
    return 'seen';
  }

  @Mutation(() => String)
  change(@Args('what', { type: () => String }) what: string): string {
    changed.push(what);
    return 'done';
  }
}

@Module({ providers: [Office] })
class OfficeRoom {}

describe('threats §2, stale admin group: an admin’s mutation', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({}, [OfficeRoom]);
  });
  afterAll(() => world.close());
  afterEach(() => world.sandbox.habits.clearFaults());

  const member = ({ username }: Customer) => ({ UserPoolId: USER_POOL_ID, Username: username });

  /** `done` and `seen`, or the code of the refusal; and whether anything was changed. */
  async function outcomesOf(admin: Customer, token = admin.accessToken) {
    changed.length = 0;
    const look = await admin.gql('{ look }', {}, world.url, token);
    const change = await admin.gql('mutation { change(what: "x") }', {}, world.url, token);
    return {
      look: look.data?.look ?? look.errors[0]?.extensions.code,
      change: change.data?.change ?? change.errors[0]?.extensions.code,
      changed: [...changed],
    };
  }

  it('is carried out for an admin, after two calls; their query needs none', async () => {
    const admin = await world.admin();
    const asked = await world.callsDuring(async () => {
      expect(await outcomesOf(admin)).toEqual({ look: 'seen', change: 'done', changed: ['x'] });
    });
    expect([...asked].sort()).toEqual(['AdminGetUser', 'AdminListGroupsForUser']);
  });

  it('is refused to a customer and to a stranger, and Cognito is not even asked', async () => {
    const customer = await world.customer();
    const asked = await world.callsDuring(async () => {
      expect(await outcomesOf(customer)).toEqual({ look: 'FORBIDDEN', change: 'FORBIDDEN', changed: [] });
      expect(await outcomesOf(world.stranger)).toMatchObject({ change: 'UNAUTHENTICATED', changed: [] });
    });
    expect(asked).toEqual([]);
  });

  it('is refused as soon as they have left the group, whatever the token says; queries end with the token', async () => {
    const admin = await world.admin();
    await world.cognito.send(new AdminRemoveUserFromGroupCommand({ ...member(admin), GroupName: 'admin' }));
    expect(await outcomesOf(admin)).toEqual({ look: 'seen', change: 'FORBIDDEN', changed: [] });
  });

  it('is refused to an admin who was disabled', async () => {
    const admin = await world.admin();
    await world.cognito.send(new AdminDisableUserCommand(member(admin)));
    expect(await outcomesOf(admin)).toMatchObject({ change: 'FORBIDDEN', changed: [] });
  });

  it('is refused to an admin who was deleted', async () => {
    const admin = await world.admin();
    await world.cognito.send(new AdminDeleteUserCommand(member(admin)));
    expect(await outcomesOf(admin)).toMatchObject({ change: 'UNAUTHENTICATED', changed: [] });
  });

  it('is refused to somebody else who bears the admin’s user name now', async () => {
    const [admin, former] = [await world.admin(), await world.customer()];
    const groups = { 'cognito:groups': ['admin'] };
    const token = new Forger(world.sandbox, former.sub, admin.username).signed(groups);
    expect(await outcomesOf(admin, token)).toMatchObject({ change: 'UNAUTHENTICATED', changed: [] });
  });

  it('is refused to a customer whose token alone says admin', async () => {
    const customer = await world.customer();
    const token = new Forger(world.sandbox, customer.sub, customer.username).signed({ 'cognito:groups': ['admin'] });
    expect(await outcomesOf(customer, token)).toEqual({ look: 'seen', change: 'FORBIDDEN', changed: [] });
  });

  it.each(['AdminGetUser', 'AdminListGroupsForUser'])(
    'changes nothing while %s fails, and may be sent again',
    async (operation) => {
      const admin = await world.admin();
      world.sandbox.habits.addFault({ operation, kind: 'before' });
      expect(await outcomesOf(admin)).toEqual({ look: 'seen', change: 'TRY_AGAIN', changed: [] });
      world.sandbox.habits.clearFaults();
      expect(await outcomesOf(admin)).toMatchObject({ change: 'done' });
    },
  );
});
