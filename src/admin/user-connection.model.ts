import { Field, Int, ObjectType } from '@nestjs/graphql';
import { PageInfo } from '../paging.js';
import { DateTimeScalar } from '../scalars.js';
import type { CustomerPage } from '../subscriptions/fleet/customer-search.service.js';
import { toUser, User } from '../subscriptions/user.model.js';

@ObjectType({ description: 'A user in a list, and where in it they stand.' })
export class UserEdge {
  @Field(() => String, { description: 'What `after` takes to go on behind this user.' })
  readonly cursor: string;

  @Field(() => User, { description: 'The user.' })
  readonly node: User;

  constructor(cursor: string, node: User) {
    this.cursor = cursor;
    this.node = node;
  }
}

@ObjectType({ description: 'A page of users, the newest first.' })
export class UserConnection {
  @Field(() => [UserEdge], { description: 'The users of this page.' })
  readonly edges: readonly UserEdge[];

  @Field(() => PageInfo, { description: 'Whether there is more.' })
  readonly pageInfo: PageInfo;

  @Field(() => Int, { description: 'How many users match, on all pages.' })
  readonly totalCount: number;

  @Field(() => DateTimeScalar, {
    description: 'When all users were last listed. What was changed through this process since shows all the same.',
  })
  readonly asOf: Date;

  @Field(() => Boolean, {
    description:
      'Whether every user who matches is among them. If not, all with a plan or a key are; search for more of the name or address.',
  })
  readonly isComplete: boolean;

  constructor({ edges, pageInfo, totalCount, asOf, isComplete }: CustomerPage) {
    this.edges = edges.map(({ cursor, node }) => new UserEdge(cursor, toUser(node)));
    this.pageInfo = pageInfo;
    this.totalCount = totalCount;
    this.asOf = asOf;
    this.isComplete = isComplete;
  }
}
